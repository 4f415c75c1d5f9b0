#include "tsdb/block/chunks_file.h"

#include <limits>
#include <optional>

#include "base/io/varint.h"

namespace tidemark::tsdb {
namespace {

constexpr char kVersion = 1;

}  // namespace

std::string FormatChunksFront(const ChunksFront& front) {
  std::string out(1, kVersion);
  AppendLengthPrefixed(front.ulid, &out);
  AppendVarint(ZigZag(front.range.min), &out);
  AppendVarint(TimeDistance(front.range.min, front.range.max), &out);
  for (const uint64_t count : {uint64_t{front.num_series}, front.num_chunks, front.num_samples,
                               uint64_t{front.num_time_columns}}) {
    AppendVarint(count, &out);
  }
  return out;
}

absl::StatusOr<ChunksFront> ParseChunksFront(std::string_view bytes) {
  if (bytes.empty()) return absl::DataLossError("no version");
  if (bytes.front() != kVersion) {
    return absl::FailedPreconditionError("a version that is not known");
  }
  bytes.remove_prefix(1);
  const std::optional<std::string_view> ulid = ConsumeLengthPrefixed(bytes);
  uint64_t numbers[6];
  for (uint64_t& number : numbers) {
    const std::optional<uint64_t> value = ulid ? ConsumeVarint(bytes) : std::nullopt;
    if (!value) return absl::DataLossError("damaged front");
    number = *value;
  }
  ChunksFront front;
  front.ulid = *ulid;
  front.range.min = UnZigZag(numbers[0]);
  front.range.max = TimeAfter(front.range.min, numbers[1]);
  front.num_chunks = numbers[3];
  front.num_samples = numbers[4];
  constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
  if (!bytes.empty() || numbers[2] > kMax || numbers[5] > kMax ||
      front.range.max < front.range.min) {
    return absl::DataLossError("damaged front");
  }
  front.num_series = static_cast<uint32_t>(numbers[2]);
  front.num_time_columns = static_cast<uint32_t>(numbers[5]);
  return front;
}

}  // namespace tidemark::tsdb
