#include "promql/exec/histogram_value.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "promql/exec/metric_name.h"
#include "promql/histograms/estimates.h"

namespace tidemark::promql {
namespace {

struct NamedValue {
  std::string_view name;
  HistogramValue value;
};

constexpr NamedValue kValues[] = {
    {"histogram_avg", [](const HistogramView& h) { return h.sum / h.count; }},
    {"histogram_count", [](const HistogramView& h) { return h.count; }},
    {"histogram_stddev", [](const HistogramView& h) { return std::sqrt(EstimateVariance(h)); }},
    {"histogram_stdvar", EstimateVariance},
    {"histogram_sum", [](const HistogramView& h) { return h.sum; }},
};

// Steps that share a histogram share its value.
void ToValues(const StepRow& row, HistogramValue value) {
  const HistogramSteps steps = std::exchange(*row.histograms, nullptr);
  const FloatHistogramSample* before = nullptr;
  double of_it = 0;
  row.ForEach([&](size_t step) {
    const FloatHistogramSample* const histogram = steps ? (*steps)[step].get() : nullptr;
    if (histogram == nullptr) return row.Clear(step);
    if (histogram != before) of_it = value(ViewOf(*histogram));
    before = histogram;
    row.values[step] = of_it;
  });
}

}  // namespace

HistogramValue FindHistogramValue(std::string_view name) {
  const auto found = std::find_if(std::begin(kValues), std::end(kValues),
                                  [&](const NamedValue& v) { return v.name == name; });
  return found == std::end(kValues) ? nullptr : found->value;
}

absl::StatusOr<bool> HistogramValueOperator::Next(QueryContext& query, ColumnBatch& out) {
  ASSIGN_OR_RETURN(const bool more, input_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    ToValues(out.row(i), value_);
    LoseMetricName(query, out.header(i));
  }
  return true;
}

}  // namespace tidemark::promql
