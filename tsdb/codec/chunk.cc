#include "tsdb/codec/chunk.h"

#include <optional>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/timestamp_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

// The first byte: the version of the layout in the low half, that of the timestamps in the high
// one.
constexpr uint8_t kVersion = 1;

struct Front {
  ChunkHeader header;
  TimestampCodec::Layout timestamps = TimestampCodec::Layout::kRegular;
};

absl::Status Damaged() { return absl::DataLossError("damaged chunk header"); }

absl::StatusOr<Front> ConsumeFront(std::string_view& bytes) {
  if (bytes.empty()) return Damaged();
  const auto layout = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  if ((layout & 0xf) != kVersion) return absl::DataLossError("chunk of an unknown version");
  Front front;
  front.timestamps = static_cast<TimestampCodec::Layout>(layout >> 4);
  if (front.timestamps > TimestampCodec::Layout::kIrregular) return Damaged();
  const std::optional<uint64_t> num_samples = ConsumeVarint(bytes);
  if (!num_samples || *num_samples > kMaxSamplesPerChunk) return Damaged();
  front.header.num_samples = static_cast<uint32_t>(*num_samples);
  if (*num_samples == 0) return front;
  const std::optional<uint64_t> min_time = ConsumeVarint(bytes);
  if (!min_time) return Damaged();
  front.header.min_time = UnZigZag(*min_time);
  const std::optional<uint64_t> length = *num_samples > 1 ? ConsumeVarint(bytes) : 0;
  if (!length) return Damaged();
  front.header.max_time =
      static_cast<TimestampMs>(static_cast<uint64_t>(front.header.min_time) + *length);
  return front;
}

absl::Status DecodeColumns(const Front& front, std::string_view bytes,
                           std::span<TimestampMs> timestamps, std::span<double> values) {
  const ChunkHeader& header = front.header;
  RETURN_IF_ERROR(TimestampCodec::Decode(front.timestamps, header.min_time, header.max_time, bytes,
                                         timestamps));
  RETURN_IF_ERROR(ConsumeValueColumn(bytes, Nesting::kOutermost, values));
  return bytes.empty() ? absl::OkStatus() : absl::DataLossError("more bytes than the chunk has");
}

}  // namespace

void EncodeChunk(std::span<const TimestampMs> timestamps, std::span<const double> values,
                 std::string* out) {
  const size_t front_at = out->size();
  out->push_back(kVersion);
  AppendVarint(timestamps.size(), out);
  if (timestamps.empty()) return;
  AppendVarint(ZigZag(timestamps.front()), out);
  if (timestamps.size() > 1) {
    AppendVarint(
        static_cast<uint64_t>(timestamps.back()) - static_cast<uint64_t>(timestamps.front()), out);
  }
  const TimestampCodec::Layout layout = TimestampCodec::Encode(timestamps, out);
  (*out)[front_at] = static_cast<char>(kVersion | static_cast<uint8_t>(layout) << 4);
  AppendValueColumn(values, Nesting::kOutermost, out);
}

absl::StatusOr<ChunkHeader> ReadChunkHeader(std::string_view chunk) {
  ASSIGN_OR_RETURN(const Front front, ConsumeFront(chunk));
  return front.header;
}

absl::Status DecodeChunk(std::string_view chunk, SampleColumns& out) {
  ASSIGN_OR_RETURN(const Front front, ConsumeFront(chunk));
  const size_t before = out.size();
  const size_t num_samples = front.header.num_samples;
  if (num_samples == 0) {
    return chunk.empty() ? absl::OkStatus() : absl::DataLossError("more bytes than the chunk has");
  }
  out.timestamps.resize(before + num_samples);
  out.values.resize(before + num_samples);
  absl::Status status = DecodeColumns(front, chunk, std::span(out.timestamps).subspan(before),
                                      std::span(out.values).subspan(before));
  if (!status.ok()) {
    out.timestamps.resize(before);
    out.values.resize(before);
  }
  return status;
}

}  // namespace tidemark::tsdb
