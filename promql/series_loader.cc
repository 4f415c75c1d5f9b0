#include "promql/series_loader.h"

#include <algorithm>
#include <utility>

#include "base/model/histogram_validation.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::promql {

SeriesLoader::SeriesLoader(std::vector<SeriesLine> series, TimestampMs start, DurationMs interval)
    : start_(start), interval_(interval) {
  for (SeriesLine& line : series) {
    if (!line.starts.empty()) continue;  // no points of its own
    num_points_ = std::max(num_points_, line.points.size());
    series_[std::move(line.labels)] = {std::move(line.points), std::move(line.histograms)};
  }
}

absl::Status SeriesLoader::LoadThrough(TimestampMs time, tsdb::Appendable& appendable) {
  if (time < start_) return absl::OkStatus();
  const auto steps = static_cast<size_t>(SaturatingSubtract(time, start_) / interval_);
  const size_t begin = next_, end = std::min(num_points_, steps + 1);
  if (begin >= end) return absl::OkStatus();
  next_ = end;

  const auto appender = appendable.NewAppender();
  std::vector<std::pair<const LabelSet*, TimestampMs>> places;  // of the samples of the batch
  for (const auto& [labels, points] : series_) {
    SeriesRef ref = kNoSeries;
    for (size_t i = begin; i < std::min(end, points.values.size()); ++i) {
      const HistogramPtr histogram = i < points.histograms.size() ? points.histograms[i] : nullptr;
      if (!points.values[i] && histogram == nullptr) continue;
      if (ref == kNoSeries) {
        ASSIGN_OR_RETURN(ref, appender->GetOrCreate(labels));
      }
      const TimestampMs at = start_ + static_cast<TimestampMs>(i) * interval_;
      places.emplace_back(&labels, at);
      if (histogram == nullptr) {
        appender->Append(ref, at, *points.values[i]);
        continue;
      }
      const absl::Status valid = ValidateHistogram(*histogram);
      if (!valid.ok()) {
        return absl::InvalidArgumentError(
            StrCat(valid.message(), ": ", labels.ToString(), " at ", at, " ms"));
      }
      appender->Append(ref, at, *histogram);
    }
  }
  ASSIGN_OR_RETURN(const tsdb::CommitResult result, appender->Commit(tsdb::CommitMode::kPartial));
  if (result.rejected.empty()) return absl::OkStatus();
  const auto& [index, reason] = result.rejected.front();
  const auto& [labels, at] = places[index];
  return absl::FailedPreconditionError(
      StrCat(tsdb::RejectReasonText(reason), ": ", labels->ToString(), " at ", at, " ms"));
}

}  // namespace tidemark::promql
