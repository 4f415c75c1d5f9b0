#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/relabel.h"
#include "base/yaml_document.h"

namespace tidemark::config {

// A list of relabeling rules, each with the fields that its action takes and no other. Source:
// Prometheus, model/relabel.  InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<std::vector<RelabelRule>> ReadRelabelRules(const YamlNode& node);

}  // namespace tidemark::config
