#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"

namespace tidemark::http {

// The labels of a series in the order of the sender, empty values among them.
//   InvalidArgument  no series may have them: no metric name, an empty name, a name twice, or not
//                    UTF-8; in Prometheus's words
absl::StatusOr<LabelSet> CheckedLabels(std::vector<LabelView> labels);

// `{__name__="up", job="a"}`, as Prometheus's errors name a series; the beginning of it where it is
// very long.
std::string LabelText(std::span<const LabelView> labels);

}  // namespace tidemark::http
