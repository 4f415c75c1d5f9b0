#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "base/yaml_document.h"
#include "cmd/config/config.h"
#include "scrape/target.h"

namespace tidemark::config {

// A list of `scrape_configs` entries, defaults filled in from `global`. Whether job names are
// unique is for the caller, who knows all lists.  InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<std::vector<scrape::ScrapeConfig>> ReadScrapeConfigs(const YamlNode& node,
                                                                    const GlobalConfig& global);

// A list of `static_configs` entries: addresses and the labels they share.
absl::StatusOr<std::vector<scrape::TargetGroup>> ReadStaticConfigs(const YamlNode& node);

// The `*_sd_configs` fields. InvalidArgument  "FILE:LINE: reason", also for a mechanism of
// Prometheus that Tidemark has no provider for
absl::StatusOr<scrape::DiscoveryConfigs> ReadDiscovery(YamlFields& fields);

// Settings of scrapes that stand in `global` too. Those that Tidemark does not act on, or only in
// one way, are refused, or checked and forgotten.
absl::Status ReadPageFormats(YamlFields& fields, scrape::PageFormats* formats);

}  // namespace tidemark::config
