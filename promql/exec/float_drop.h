#pragma once

#include <string>
#include <utility>

#include "promql/exec/operator.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// What has nothing to say of the floats that an expression gives, such as functions of native
// histograms: evaluates its input, for the errors and annotations of that, and gives nothing.
class FloatDrop : public Operator {
 public:
  explicit FloatDrop(OperatorPtr input) : FloatDrop(std::move(input), "", {}) {}
  // Where anything was dropped, tells it with `info`.
  FloatDrop(OperatorPtr input, std::string info, SourceRange source)
      : Operator(input->times()),
        input_(std::move(input)),
        info_(std::move(info)),
        source_(source) {}
  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  const OperatorPtr input_;
  const std::string info_;
  const SourceRange source_;
};

}  // namespace tidemark::promql
