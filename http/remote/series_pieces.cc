#include "http/remote/series_pieces.h"

#include <algorithm>

#include "base/status_macros.h"

namespace tidemark::http {
namespace {

// 600,000 samples of a series that has one a second.
constexpr DurationMs kPiece = 7 * kDay;
// Of a time that nothing is known of.
constexpr DurationMs kMaxPieces = 256;

}  // namespace

absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> SelectSeries(const ReadQuery& query,
                                                              const tsdb::Querier& querier) {
  if (query.matchers.empty() || query.range.min > query.range.max) return nullptr;
  return querier.Select(query.matchers, query.range);
}

SeriesPieces::SeriesPieces(const tsdb::SeriesSet& set, size_t i, TimeRange range)
    : set_(set), series_(i) {
  const TimeRange extent = set.Extent(i);
  left_ = {std::max(range.min, extent.min), std::min(range.max, extent.max)};
  if (left_.min > left_.max) return;
  piece_ = std::max(kPiece, left_.max / kMaxPieces - left_.min / kMaxPieces + 1);
}

absl::StatusOr<bool> SeriesPieces::Next(SampleColumns& out) {
  while (left_.min <= left_.max) {
    const TimestampMs last = std::min(left_.max, SaturatingAdd(left_.min, piece_ - 1));
    RETURN_IF_ERROR(set_.ReadRange(series_, {left_.min, last}, out));
    if (last == left_.max) {
      left_ = {1, 0};
    } else {
      left_.min = last + 1;
    }
    if (out.has_samples()) return true;
  }
  return false;
}

}  // namespace tidemark::http
