#pragma once

#include <memory>
#include <optional>

#include "promql/exec/operator.h"
#include "promql/exec/range_source.h"
#include "promql/exec/series_table.h"

namespace tidemark::promql {

// A subquery: the values of an expression at steps of its own, as samples.
class SubqueryRange : public RangeSource {
 public:
  // `input` null: no step of the subquery falls into any window, so there are no series.
  SubqueryRange(const RangeWindows& windows, OperatorPtr input)
      : RangeSource(windows), input_(std::move(input)) {}

  absl::Status Open(QueryContext& query) override;
  size_t size() const override { return table_ ? table_->size() : 0; }
  SeriesHeader header(size_t i) const override { return table_->header(i); }
  absl::Status Read(size_t i, SampleColumns& out) const override;

 private:
  const OperatorPtr input_;
  std::optional<SeriesTable> table_;
};

}  // namespace tidemark::promql
