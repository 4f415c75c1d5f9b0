#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "scrape/target.h"

namespace tidemark::scrape {

// What a scrape configuration makes of one address that was discovered.
struct CheckedTarget {
  LabelSet discovered_labels;  // before relabeling
  LabelSet labels;             // after it, without `__meta_*`; empty for a dropped or failed target
  std::string error;           // why no target could be made of it
};

// The targets of `groups` in order, each set of discovered labels once: what a server would scrape,
// for those who look at a configuration without one.
std::vector<CheckedTarget> CheckTargets(const ScrapeConfig& config,
                                        const std::vector<TargetGroup>& groups);

// Looks into the files of `file_sd_configs` that are there, and at the static groups, as a server
// that loads the configuration would. `missing` gets the patterns that stand for no file.
//   InvalidArgument  a file is malformed, or no target can be made of an address
//   NotFound, PermissionDenied
absl::Status CheckTargetFiles(const ScrapeConfig& config, std::vector<std::string>* missing);

}  // namespace tidemark::scrape
