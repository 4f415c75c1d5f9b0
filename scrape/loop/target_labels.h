#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "scrape/target.h"

namespace tidemark::scrape {

// One endpoint to scrape, as relabeling left it. Two targets are the same where `labels` and `url`
// are.
struct Target {
  LabelSet discovered_labels;  // before relabeling
  LabelSet labels;             // of its series: none that begins with `__`, `instance` among them
  std::string url;
  DurationMs interval = 0, timeout = 0;
};

// What relabeling starts from: the address, the labels of its group, and where these do not say
// otherwise `job`, `__scheme__`, `__metrics_path__`, `__scrape_interval__`, `__scrape_timeout__`
// and a `__param_NAME` for each parameter.
LabelSet DiscoveredLabels(const ScrapeConfig& config, std::string_view address,
                          const LabelSet& group);

// The target that the relabel rules of `config` make of these labels; nullopt where they drop it.
// Source: Prometheus, scrape/target.go.
//   InvalidArgument  no usable address, interval or timeout is left
absl::StatusOr<std::optional<Target>> RelabelTarget(const ScrapeConfig& config,
                                                    const LabelSet& discovered);

}  // namespace tidemark::scrape
