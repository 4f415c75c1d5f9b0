#include "promql/exec/quantile_aggregation.h"

#include <vector>

#include "base/status_macros.h"
#include "promql/exec/quantile_warning.h"
#include "promql/functions/quantile.h"

namespace tidemark::promql {

absl::Status QuantileAggregation::Build(QueryContext& query, SeriesTable& result) {
  ASSIGN_OR_RETURN(const std::vector<double> quantiles, ReadScalar(query, *quantile_));
  WarnOfQuantiles(query, quantiles, quantile_source_);
  SeriesTable series(query, num_steps());
  RETURN_IF_ERROR(series.AddAll(query, *input_));
  ColumnBatch one;
  std::vector<double> values;
  for (RowGroup& group : GroupRows(grouping_, series)) {
    RETURN_IF_ERROR(query.CheckCancelled());
    one.Reset(num_steps());
    const StepRow out = one.Add({});
    for (size_t step = 0; step < num_steps(); ++step) {
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
