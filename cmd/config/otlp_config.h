#pragma once

#include "absl/status/statusor.h"

#include "base/yaml_document.h"
#include "http/otlp_options.h"

namespace tidemark::config {

// The `otlp` section.
//   InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<http::OtlpOptions> ReadOtlp(const YamlNode& node);

}  // namespace tidemark::config
