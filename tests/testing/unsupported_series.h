#pragma once

#include <vector>

#include "base/labels/label_set.h"
#include "promql/parser/ast.h"
#include "tests/testing/golden_script.h"

namespace tidemark::testing {

// The series that scripts load and the store cannot hold yet: native histograms, start times. A
// query that selects one of them cannot give what the script wants.
class UnsupportedSeries {
 public:
  void Add(const LoadCommand& load);
  void Clear() { series_.clear(); }
  bool AnySelectedBy(const promql::Expr& expr) const;

 private:
  bool AnyMatches(const promql::VectorSelector& selector) const;

  std::vector<LabelSet> series_;
};

}  // namespace tidemark::testing
