#include "tsdb/block/tombstones.h"

#include <cstring>
#include <limits>
#include <optional>

#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/status_macros.h"

// The layout is described in docs/storage-format.md.
namespace tidemark::tsdb {
namespace {

constexpr char kVersion = 1;
constexpr size_t kChecksumBytes = 4;

// Times may lie further apart than int64_t reaches, so distances are unsigned.
uint64_t Distance(TimestampMs from, TimestampMs to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

absl::Status Damaged() { return absl::DataLossError("damaged tombstones"); }

void AppendIntervals(const IntervalSet& intervals, std::string* out) {
  AppendVarint(intervals.ranges().size(), out);
  TimestampMs last = kMinTimestamp;
  for (const TimeRange& range : intervals.ranges()) {
    AppendVarint(Distance(last, range.min), out);
    AppendVarint(Distance(range.min, range.max), out);
    last = range.max;
  }
}

// Moves `t` on by a distance at the front of `bytes`; false where that leads past the end of time.
bool ConsumeLater(std::string_view& bytes, TimestampMs* t) {
  const std::optional<uint64_t> distance = ConsumeVarint(bytes);
  if (!distance || *distance > Distance(*t, kMaxTimestamp)) return false;
  *t = static_cast<TimestampMs>(static_cast<uint64_t>(*t) + *distance);
  return true;
}

absl::Status ConsumeIntervals(std::string_view& bytes, IntervalSet* intervals) {
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count == 0 || *count > bytes.size()) return Damaged();
  TimestampMs last = kMinTimestamp;
  for (uint64_t i = 0; i < *count; ++i) {
    TimeRange range;
    if (!ConsumeLater(bytes, &last)) return Damaged();
    range.min = last;
    if (!ConsumeLater(bytes, &last)) return Damaged();
    range.max = last;
    intervals->Add(range);
    if (intervals->ranges().size() != i + 1) return Damaged();
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeTombstones(const Tombstones& tombstones) {
  std::string out(1, kVersion);
  AppendVarint(tombstones.size(), &out);
  uint32_t last = 0;
  for (const auto& [series, intervals] : tombstones) {
    AppendVarint(series - last, &out);
    AppendIntervals(intervals, &out);
    last = series;
  }
  const uint32_t checksum = Checksum32(out);
  char bytes[kChecksumBytes];
  std::memcpy(bytes, &checksum, sizeof(bytes));
  return out.append(bytes, sizeof(bytes));
}

absl::StatusOr<Tombstones> DecodeTombstones(std::string_view bytes) {
  if (bytes.size() < 1 + kChecksumBytes) return Damaged();
  uint32_t checksum;
  std::memcpy(&checksum, bytes.data() + bytes.size() - kChecksumBytes, kChecksumBytes);
  bytes.remove_suffix(kChecksumBytes);
  if (Checksum32(bytes) != checksum) return absl::DataLossError("checksum of tombstones fails");
  if (bytes.front() != kVersion) {
    return absl::FailedPreconditionError("tombstones of a newer version");
  }
  bytes.remove_prefix(1);
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > bytes.size()) return Damaged();
  Tombstones tombstones;
  uint64_t series = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> step = ConsumeVarint(bytes);
    if (!step || (i > 0 && *step == 0)) return Damaged();
    if (*step > std::numeric_limits<uint32_t>::max() - series) return Damaged();
    series += *step;
    RETURN_IF_ERROR(ConsumeIntervals(bytes, &tombstones[static_cast<uint32_t>(series)]));
  }
  if (!bytes.empty()) return Damaged();
  return tombstones;
}

}  // namespace tidemark::tsdb
