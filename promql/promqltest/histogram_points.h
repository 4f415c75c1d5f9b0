#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/labels/label_set.h"
#include "promql/plan/logical_plan.h"
#include "promql/promqltest/script.h"

namespace tidemark::promql {

// The native histograms that scripts load and the store cannot hold yet. A query that looks at one
// of them cannot give what the script wants.
class HistogramPoints {
 public:
  void Add(const LoadCommand& load);
  void Clear() { points_.clear(); }
  // Whether a plan with these selections looks at any of them.
  bool AnyIn(const std::vector<Selection>& selections) const;

 private:
  std::map<LabelSet, std::set<TimestampMs>> points_;
};

}  // namespace tidemark::promql
