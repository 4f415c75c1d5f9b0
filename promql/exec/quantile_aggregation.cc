#include "promql/exec/quantile_aggregation.h"

#include <cmath>
#include <vector>

#include "base/status_macros.h"
#include "promql/exec/aggregation_notes.h"
#include "promql/exec/quantile_warning.h"
#include "promql/functions/quantile.h"

namespace tidemark::promql {

// Of those that are not in [0, 1] only the extremes.
void QuantileAggregation::Warn(QueryContext& query, const std::vector<double>& quantiles) const {
  double least = 0, greatest = 0;
  for (const double q : quantiles) {
    if (std::isnan(q)) WarnOfQuantile(query, q, quantile_source_);
    if (q < least) least = q;
    if (q > greatest) greatest = q;
  }
  WarnOfQuantile(query, least, quantile_source_);
  WarnOfQuantile(query, greatest, quantile_source_);
}

absl::Status QuantileAggregation::Build(QueryContext& query, SeriesTable& result) {
  ASSIGN_OR_RETURN(const std::vector<double> quantiles, ReadScalar(query, *quantile_));
  Warn(query, quantiles);
  SeriesTable series(query, num_steps());
  RETURN_IF_ERROR(series.AddAll(query, *input_));
  if (DropHistograms(series)) InformOfIgnoredHistogram(query, "quantile", input_source_);
  ColumnBatch one;
  std::vector<double> values;
  for (RowGroup& group : GroupRows(grouping_, series)) {
    one.Reset(num_steps());
    const StepRow out = one.Add({});
    for (size_t step = 0; step < num_steps(); ++step) {
      if (step % kStepsPerCheck == 0) RETURN_IF_ERROR(query.CheckCancelled());
      values.clear();
      for (const size_t row : group.rows) {
        if (series.row(row).Has(step)) values.push_back(series.row(row).values[step]);
      }
      if (!values.empty()) out.Set(step, Quantile(quantiles[step], values));
    }
    RETURN_IF_ERROR(result.Add(std::move(group.header), out));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::promql
