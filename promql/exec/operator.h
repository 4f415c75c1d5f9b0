#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "promql/engine.h"
#include "promql/exec/column_batch.h"
#include "promql/exec/query_context.h"

namespace tidemark::promql {

// A node of the running plan. It gives instant vectors: in batches, each of some series with all
// steps of times(). A scalar is one series without labels that has every step.
// One thread drives an operator; what it does inside it may spread over the pool of the query. The
// result does not depend on the number of threads. Order: no promise but that equal queries over
// equal data give equal order, and what sort operators say.
class Operator {
 public:
  explicit Operator(const EvalTimes& times) : times_(times) {}
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;
  virtual ~Operator() = default;

  // Replaces `out` by the next series, about out.max_series() of them; false when none are left,
  // then and ever after. A series may come without a value at any step. Series with equal labels
  // may come more than once; whoever keeps them together (SeriesTable) checks that they do not have
  // a value at the same step. Errors are those of Engine.
  virtual absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) = 0;

  const EvalTimes& times() const { return times_; }
  size_t num_steps() const { return times_.num_steps(); }

 private:
  const EvalTimes times_;
};

using OperatorPtr = std::unique_ptr<Operator>;

// Reads all that `input` gives and drops it, for its errors and annotations: where the result does
// not depend on it, the query still fails and warns as it would.
absl::Status Drain(QueryContext& query, Operator& input);

// The error of two operands, of which `right` failed with `error` before `left` was read to its
// end. Operands fail from left to right.
absl::Status LeftmostError(QueryContext& query, Operator& left, absl::Status error);

// The values of a scalar operator, one per step.
absl::StatusOr<std::vector<double>> ReadScalar(QueryContext& query, Operator& scalar);

}  // namespace tidemark::promql
