#pragma once

#include <string>

#include "base/yaml_document.h"

namespace tidemark::config {

// `node` as YAML with what is secret replaced: passwords and tokens by "<secret>", and so the
// passwords in URLs.
std::string RedactedYaml(const YamlNode& node);

}  // namespace tidemark::config
