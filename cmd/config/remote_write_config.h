#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "base/yaml_document.h"
#include "remote/remote_write_config.h"

namespace tidemark::config {

// The `remote_write` section.  InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<std::vector<remote::RemoteWriteConfig>> ReadRemoteWriteConfigs(const YamlNode& node);

}  // namespace tidemark::config
