#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/net/http_client.h"
#include "base/yaml_document.h"

namespace tidemark::scrape {

// One entry of a `*_sd_configs` list: where targets come from other than the configuration file.
// What is behind it is the business of scrape/discovery/.
class DiscoveryConfig;
using DiscoveryConfigs = std::vector<std::shared_ptr<const DiscoveryConfig>>;

// How the configuration file reads what stands in many of its sections.
struct DiscoveryReaders {
  // Takes the fields of the HTTP client block out of a mapping.
  std::function<absl::Status(YamlFields& fields, HttpClientOptions* options)> http_client;
  // `path` relative to the directory of the file that `node` is in.
  std::function<std::string(const YamlNode& node, const std::string& path)> resolve_path;
};

// Takes the `*_sd_configs` fields that Tidemark has a provider for out of `fields`, which may have
// others; defaults filled in.
//   InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<DiscoveryConfigs> ReadDiscoveryConfigs(YamlFields& fields,
                                                      const DiscoveryReaders& readers);

}  // namespace tidemark::scrape
