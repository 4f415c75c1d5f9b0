#include "promql/promqltest/custom_buckets.h"

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

// The samples of a classic histogram at one time.
struct ClassicHistogram {
  std::map<double, double> buckets;  // cumulative, by upper bound
  std::optional<double> count;
  double sum = 0;
};
using ClassicHistograms = std::map<LabelSet, std::map<size_t, ClassicHistogram>>;

LabelSet BaseLabels(const LabelSet& labels, std::string_view suffix) {
  LabelSetBuilder base(labels);
  std::string_view name = labels.metric_name();
  name.remove_suffix(suffix.size());
  base.Set(kMetricName, name);
  base.Delete("le");
  return base.Build();
}

void Collect(const SeriesLine& line, ClassicHistograms& out) {
  const std::string_view name = line.labels.metric_name();
  for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
    if (!name.ends_with(suffix)) continue;
    const bool is_bucket = suffix == "_bucket";
    const double bound = is_bucket ? ParseFloat(line.labels.Get("le")).value_or(NAN) : 0;
    if (std::isnan(bound)) return;
    auto& histograms = out[BaseLabels(line.labels, suffix)];
    for (size_t i = 0; i < line.points.size(); ++i) {
      if (!line.points[i]) continue;
      ClassicHistogram& histogram = histograms[i];
      if (is_bucket) {
        histogram.buckets[bound] = *line.points[i];
      } else if (suffix == "_count") {
        histogram.count = *line.points[i];
      } else {
        histogram.sum = *line.points[i];
      }
    }
  }
}

absl::StatusOr<HistogramPtr> Convert(ClassicHistogram classic) {
  auto& buckets = classic.buckets;
  const double count = classic.count.value_or(buckets.empty() ? 0 : buckets.rbegin()->second);
  buckets.emplace(std::numeric_limits<double>::infinity(), count);
  HistogramLayout layout;
  layout.schema = kCustomBucketsSchema;
  layout.positive_spans = {{0, static_cast<uint32_t>(buckets.size())}};
  FloatHistogramSample histogram;
  histogram.count = count;
  histogram.sum = classic.sum;
  double below = 0;
  for (const auto& [bound, cumulative] : buckets) {
    if (!(cumulative >= below)) {
      return absl::InvalidArgumentError(
          StrCat("the bucket up to ", FormatFloat(bound), " has less than the one before"));
    }
    if (std::isfinite(bound)) layout.custom_values.push_back(bound);
    histogram.positive_counts.push_back(cumulative - below);
    below = cumulative;
  }
  histogram.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  Compact(histogram);
  return std::make_shared<const FloatHistogramSample>(std::move(histogram));
}

}  // namespace

absl::StatusOr<std::vector<SeriesLine>> CustomBucketsOf(const std::vector<SeriesLine>& series) {
  ClassicHistograms classic;
  for (const SeriesLine& line : series) Collect(line, classic);
  std::vector<SeriesLine> lines;
  for (auto& [labels, by_point] : classic) {
    if (by_point.empty()) continue;
    SeriesLine& line = lines.emplace_back();
    line.labels = labels;
    line.points.resize(by_point.rbegin()->first + 1);
    line.histograms.resize(line.points.size());
    line.have_hints.resize(line.points.size());
    for (auto& [point, histogram] : by_point) {
      ASSIGN_OR_RETURN(line.histograms[point], Convert(std::move(histogram)));
    }
  }
  return lines;
}

}  // namespace tidemark::promql
