#pragma once

#include <string>
#include <utility>
#include <vector>

#include "promql/exec/table_operators.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// `sort_by_label(v, "a", "b")`, `sort_by_label_desc`: series by the values of labels in natural
// order, the first label first; where all are equal, by all labels. Over several steps this warns
// and leaves the series as they come, like SortOperator.
class LabelSortOperator : public TableOperator {
 public:
  LabelSortOperator(OperatorPtr input, std::vector<std::string> names, bool descending,
                    SourceRange source)
      : TableOperator(input->times()),
        input_(std::move(input)),
        names_(std::move(names)),
        descending_(descending),
        source_(source) {}

 private:
  absl::Status Build(QueryContext& query, SeriesTable& result) override;
  bool Before(const LabelSet& a, const LabelSet& b) const;

  const OperatorPtr input_;
  const std::vector<std::string> names_;
  const bool descending_;
  const SourceRange source_;
};

}  // namespace tidemark::promql
