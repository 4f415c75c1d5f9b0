#pragma once

#include <vector>

#include "base/labels/label_set.h"
#include "promql/parser/ast.h"
#include "promql/promqltest/script.h"

namespace tidemark::promql {

// The series that scripts load and the store cannot hold yet: native histograms, start times. A
// query that selects one of them cannot give what the script wants.
class UnsupportedSeries {
 public:
  void Add(const LoadCommand& load);
  void Clear() { series_.clear(); }
  bool AnySelectedBy(const Expr& expr) const;

 private:
  bool AnyMatches(const VectorSelector& selector) const;

  std::vector<LabelSet> series_;
};

}  // namespace tidemark::promql
