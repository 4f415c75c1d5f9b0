#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/yaml_document.h"
#include "scrape/target_group.h"

namespace tidemark::scrape {

// Lists of `{"targets": ["host:port"], "labels": {"name": "value"}}`, as files and HTTP services
// give them. Strict: what is of another kind or has another name is an error. An empty YAML text is
// an empty list, as a null is.
//   InvalidArgument  says what is wrong; of YAML also where, by `file`
absl::StatusOr<std::vector<TargetGroup>> ReadTargetGroupsJson(std::string_view text);
absl::StatusOr<std::vector<TargetGroup>> ReadTargetGroupsYaml(std::string_view text,
                                                              std::string_view file);

}  // namespace tidemark::scrape
