#include "tsdb/codec/timestamp_codec.h"

#include <vector>

#include "base/status_macros.h"
#include "tsdb/codec/integer_codec.h"
#include "tsdb/codec/slope_codec.h"
#include "tsdb/codec/vector_loops.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged timestamps"); }

// Times may lie further apart than int64_t reaches, so distances are unsigned.
uint64_t Distance(TimestampMs from, TimestampMs to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

absl::Status FillRegular(TimestampMs first, TimestampMs last, std::span<TimestampMs> timestamps) {
  if (timestamps.size() == 1) {
    timestamps[0] = first;
    return first == last ? absl::OkStatus() : Damaged();
  }
  const uint64_t num_steps = timestamps.size() - 1;
  const uint64_t step = Distance(first, last) / num_steps;
  if (last <= first || step == 0 || step * num_steps != Distance(first, last)) return Damaged();
  FillLine(timestamps, static_cast<uint64_t>(first), step);
  return absl::OkStatus();
}

}  // namespace

TimestampCodec::Layout TimestampCodec::Encode(std::span<const TimestampMs> timestamps,
                                              std::string* out) {
  if (SlopeCodec::Fits(timestamps)) return Layout::kRegular;
  static thread_local std::vector<int64_t> since_first;
  since_first.clear();
  for (const TimestampMs t : timestamps) {
    since_first.push_back(static_cast<int64_t>(Distance(timestamps.front(), t)));
  }
  IntegerCodec::Encode(since_first, out);
  return Layout::kIrregular;
}

absl::Status TimestampCodec::Decode(Layout layout, TimestampMs first, TimestampMs last,
                                    std::string_view& bytes, std::span<TimestampMs> timestamps) {
  if (layout == Layout::kRegular) return FillRegular(first, last, timestamps);
  RETURN_IF_ERROR(IntegerCodec::Decode(bytes, timestamps));
  const std::span wrapped(reinterpret_cast<uint64_t*>(timestamps.data()), timestamps.size());
  AddLine(wrapped, static_cast<uint64_t>(first), 0);
  if (timestamps.front() != first || timestamps.back() != last || !AscendsStrictly(timestamps)) {
    return Damaged();
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
