#include "promql/promqltest/histogram_points.h"

#include <algorithm>
#include <string>

namespace tidemark::promql {
namespace {

// The native histogram that load_with_nhcb makes of a classic one has its name and no `le`.
LabelSet CustomBucketsOf(const LabelSet& bucket, std::string_view suffix) {
  LabelSetBuilder labels(bucket);
  std::string name(bucket.metric_name());
  name.resize(name.size() - suffix.size());
  labels.Set(kMetricName, name);
  labels.Delete("le");
  return labels.Build();
}

bool Selects(const Selection& selection, const LabelSet& labels) {
  return std::all_of(selection.matchers.begin(), selection.matchers.end(),
                     [&](const LabelMatcher& m) { return m.Matches(labels); });
}

}  // namespace

void HistogramPoints::Add(const LoadCommand& load) {
  constexpr std::string_view kBucket = "_bucket";
  const auto time = [&](size_t i) { return static_cast<TimestampMs>(i) * load.interval; };
  for (const SeriesLine& line : load.series) {
    for (size_t i = 0; i < line.histograms.size(); ++i) {
      if (line.histograms[i]) points_[line.labels].insert(time(i));
    }
    if (!load.with_custom_buckets || !line.labels.metric_name().ends_with(kBucket)) continue;
    const LabelSet labels = CustomBucketsOf(line.labels, kBucket);
    for (size_t i = 0; i < line.points.size(); ++i) {
      if (line.points[i]) points_[labels].insert(time(i));
    }
  }
}

bool HistogramPoints::AnyIn(const std::vector<Selection>& selections) const {
  for (const auto& [labels, times] : points_) {
    for (const Selection& selection : selections) {
      const auto first = times.lower_bound(selection.range.min);
      const bool in_range = first != times.end() && *first <= selection.range.max;
      if (in_range && Selects(selection, labels)) return true;
    }
  }
  return false;
}

}  // namespace tidemark::promql
