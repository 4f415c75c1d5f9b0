#include "tsdb/block/bundle.h"

#include <limits>
#include <optional>

#include "base/io/varint.h"

namespace tidemark::tsdb {
namespace {

// The byte that says what a chunk is.
constexpr uint8_t kKindMask = 3, kNextSeries = 1 << 2, kHasSummary = 1 << 3;
constexpr uint8_t kKnownBits = kKindMask | kNextSeries | kHasSummary;

absl::Status Damaged() { return absl::DataLossError("damaged bundle of chunks"); }

// The first byte of a bundle.
constexpr char kFirstWentOn = 1, kLastGoesOn = 2;

// A column is mostly the one after or the one before that of the chunk before: 0 is left for
// "none".
uint64_t EncodeColumn(uint32_t column, uint32_t last) {
  if (column == BundledChunk::kOwnTimes) return 0;
  return 1 + ZigZag(static_cast<int64_t>(column) - static_cast<uint32_t>(last + 1));
}
bool DecodeColumn(uint64_t code, uint32_t last, uint32_t* column) {
  *column = BundledChunk::kOwnTimes;
  if (code == 0) return true;
  const uint64_t number =
      static_cast<uint32_t>(last + 1) + static_cast<uint64_t>(UnZigZag(code - 1));
  *column = static_cast<uint32_t>(number);
  return number < BundledChunk::kOwnTimes;
}

bool ApplyShape(uint8_t shape, bool first, uint32_t* series, BundledChunk* chunk) {
  if ((shape & kNextSeries) != 0) {
    if (first || *series == std::numeric_limits<uint32_t>::max()) return false;
    ++*series;
  }
  chunk->series = *series;
  chunk->kind = static_cast<ChunkKind>(shape & kKindMask);
  chunk->has_summary = (shape & kHasSummary) != 0;
  return true;
}

}  // namespace

void BundleBuilder::Add(const BundledChunk& chunk) {
  auto shape = static_cast<uint8_t>(chunk.kind);
  if (!empty() && chunk.series != last_series_) shape |= kNextSeries;
  if (chunk.has_summary) shape |= kHasSummary;
  shapes_.push_back(static_cast<char>(shape));
  AppendVarint(EncodeColumn(chunk.time_column, last_column_), &columns_);
  if (chunk.time_column != BundledChunk::kOwnTimes) last_column_ = chunk.time_column;
  AppendVarint(chunk.body.size(), &sizes_);
  bodies_.append(chunk.body);
  last_series_ = chunk.series;
}

void BundleBuilder::Finish(bool last_goes_on, std::string* out) {
  out->clear();
  out->push_back(
      static_cast<char>((first_went_on_ ? kFirstWentOn : 0) | (last_goes_on ? kLastGoesOn : 0)));
  AppendVarint(shapes_.size(), out);
  out->append(shapes_).append(columns_).append(sizes_).append(bodies_);
  *this = BundleBuilder();
  first_went_on_ = last_goes_on;
}

absl::Status ParseBundle(std::string_view bytes, uint32_t first_series, Bundle* bundle) {
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) > (kFirstWentOn | kLastGoesOn)) {
    return Damaged();
  }
  bundle->first_went_on = (bytes.front() & kFirstWentOn) != 0;
  bundle->last_goes_on = (bytes.front() & kLastGoesOn) != 0;
  bytes.remove_prefix(1);
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count == 0 || *count > bytes.size()) return Damaged();
  std::vector<BundledChunk>& chunks = bundle->chunks;
  chunks.clear();
  chunks.resize(*count);
  const std::string_view shapes = bytes.substr(0, *count);
  bytes.remove_prefix(*count);
  uint32_t series = first_series;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const auto shape = static_cast<uint8_t>(shapes[i]);
    constexpr auto kMaxKind = static_cast<uint8_t>(ChunkKind::kFloatHistogram);
    if ((shape & ~kKnownBits) != 0 || (shape & kKindMask) > kMaxKind) {
      return absl::FailedPreconditionError("a chunk of a kind that only a newer version knows");
    }
    if (!ApplyShape(shape, i == 0, &series, &chunks[i])) return Damaged();
  }
  uint32_t last_column = 0xffffffff;
  for (BundledChunk& chunk : chunks) {
    const std::optional<uint64_t> code = ConsumeVarint(bytes);
    if (!code || !DecodeColumn(*code, last_column, &chunk.time_column)) return Damaged();
    if (chunk.time_column != BundledChunk::kOwnTimes) last_column = chunk.time_column;
  }
  std::string_view sizes = bytes;
  for (size_t i = 0; i < *count; ++i) {
    if (!ConsumeVarint(bytes)) return Damaged();
  }
  for (BundledChunk& chunk : chunks) {
    const uint64_t size = *ConsumeVarint(sizes);
    if (size > bytes.size()) return Damaged();
    chunk.body = bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  return bytes.empty() ? absl::OkStatus() : Damaged();
}

}  // namespace tidemark::tsdb
