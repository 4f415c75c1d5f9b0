#pragma once

#include <string>

#include "base/labels/label_set.h"

namespace tidemark {

// `{__name__="up", job="a"}`: as Prometheus prints a set of labels where the metric's name is one
// of them. LabelSet::ToString has the name in front.
std::string FormatLabels(const LabelSet& labels);

}  // namespace tidemark
