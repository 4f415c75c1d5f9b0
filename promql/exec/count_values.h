#pragma once

#include <string>
#include <utility>

#include "promql/exec/grouping.h"
#include "promql/exec/table_operators.h"

namespace tidemark::promql {

// `count_values("label", v)`: for each value that occurs in a group a series with the value, in
// decimal digits without exponent or as a histogram's text, in `label`; at each step how often it
// occurs there. Memory is one row per group and distinct value.
class CountValues : public TableOperator {
 public:
  CountValues(std::string label, Grouping grouping, OperatorPtr input);

 private:
  class Counts;
  absl::Status Build(QueryContext& query, SeriesTable& result) override;

  const std::string label_;
  const Grouping grouping_;  // by the label as well, unless it is `without`
  const OperatorPtr input_;
};

}  // namespace tidemark::promql
