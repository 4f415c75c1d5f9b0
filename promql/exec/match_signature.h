#pragma once

#include "base/labels/label_set.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// The labels by which samples of two vectors find each other: those in `on`, or all but those in
// `ignoring` and the metric's name.
LabelSet MatchSignature(const LabelSet& labels, const VectorMatching& matching);

}  // namespace tidemark::promql
