#pragma once

#include <utility>

#include "promql/exec/operator.h"

namespace tidemark::promql {

// A call whose arguments cannot be used: fails the query when it comes to it, so that of several
// faults the first in the order of evaluation is reported.
class FailingOperator : public Operator {
 public:
  FailingOperator(const EvalTimes& times, absl::Status error)
      : Operator(times), error_(std::move(error)) {}
  absl::StatusOr<bool> Next(QueryContext&, ColumnBatch&) override { return error_; }

 private:
  const absl::Status error_;
};

}  // namespace tidemark::promql
