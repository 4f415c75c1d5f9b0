#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"

namespace tidemark::promql {

// The matchers of a `match[]` parameter: a vector selector without modifiers, the metric's name
// among the matchers. Unlike in a query it may select everything; whether it does is for the caller
// to refuse.  InvalidArgument  as Query::Parse
absl::StatusOr<std::vector<LabelMatcher>> ParseSeriesSelector(std::string_view text);

// The labels of one series: a selector whose matchers all say `=`, or nothing for no labels.
//   InvalidArgument  as Query::Parse, and for any other matcher
absl::StatusOr<LabelSet> ParseMetric(std::string_view text);

}  // namespace tidemark::promql
