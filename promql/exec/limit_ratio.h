#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "promql/exec/operator.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `limit_ratio(r, v)`: about a share r of the series, chosen by the hash of their labels that
// Prometheus takes, so that the same ones are chosen at every step, in every query and there. A
// negative r gives those that 1 + r leaves out. An r outside [-1, 1] is taken as the nearer end,
// with a warning.
//   FailedPrecondition  r is NaN
class LimitRatio : public Operator {
 public:
  // `ratio_source`: where r stands in the query.
  LimitRatio(OperatorPtr ratio, OperatorPtr input, SourceRange ratio_source)
      : Operator(input->times()),
        ratio_(std::move(ratio)),
        input_(std::move(input)),
        ratio_source_(ratio_source) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  absl::Status ReadRatios(QueryContext& query);
  void WarnOfRatio(QueryContext& query, double ratio, double capped) const;

  const OperatorPtr ratio_, input_;
  const SourceRange ratio_source_;
  std::optional<std::vector<double>> ratios_;  // per step, in [-1, 1]; read by the first Next
};

}  // namespace tidemark::promql
