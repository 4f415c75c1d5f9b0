#include <optional>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/discovery/dns_discovery.h"
#include "scrape/discovery/file_discovery.h"
#include "scrape/discovery/http_discovery.h"
#include "scrape/discovery_config.h"

namespace tidemark::scrape {
namespace {

using Config = std::shared_ptr<const DiscoveryConfig>;

template <typename T>
absl::StatusOr<Config> ReadAs(const YamlNode& node, const DiscoveryReaders& readers) {
  ASSIGN_OR_RETURN(T config, T::Read(node, readers));
  return std::make_shared<const T>(std::move(config));
}

constexpr struct {
  std::string_view key;
  absl::StatusOr<Config> (*read)(const YamlNode& node, const DiscoveryReaders& readers);
} kProviders[] = {
    {"dns_sd_configs", ReadAs<DnsDiscovery>},
    {"file_sd_configs", ReadAs<FileDiscovery>},
    {"http_sd_configs", ReadAs<HttpDiscovery>},
};

}  // namespace

absl::StatusOr<DiscoveryConfigs> ReadDiscoveryConfigs(YamlFields& fields,
                                                      const DiscoveryReaders& readers) {
  DiscoveryConfigs configs;
  for (const auto& provider : kProviders) {
    fields.Read(provider.key, [&](const YamlNode& list) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<YamlNode> nodes, list.AsSequence());
      for (const YamlNode& node : nodes) {
        if (node.IsNull()) {
          return node.Error(StrCat("empty or null section in ", provider.key));
        }
        ASSIGN_OR_RETURN(Config config, provider.read(node, readers));
        configs.push_back(std::move(config));
      }
      return absl::OkStatus();
    });
  }
  RETURN_IF_ERROR(fields.status());
  return configs;
}

}  // namespace tidemark::scrape
