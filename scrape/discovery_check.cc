#include "scrape/discovery_check.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "scrape/loop/target_labels.h"

namespace tidemark::scrape {
namespace {

// The labels that relabeling leaves, with those that say how to scrape.
LabelSet LabelsOf(const ScrapeConfig& config, const Target& target) {
  LabelSetBuilder relabeled(target.discovered_labels);
  Relabel(config.relabel_rules, relabeled);
  LabelSetBuilder labels(target.labels);
  for (const auto& [name, value] : relabeled.labels()) {
    if (name.starts_with("__") && !name.starts_with("__meta_")) labels.Set(name, value);
  }
  return labels.Build();
}

}  // namespace

std::vector<CheckedTarget> CheckTargets(const ScrapeConfig& config,
                                        const std::vector<TargetGroup>& groups) {
  std::vector<CheckedTarget> targets;
  std::set<std::string> seen;
  for (const TargetGroup& group : groups) {
    for (const std::string& address : group.addresses) {
      CheckedTarget checked{DiscoveredLabels(config, address, group.labels), {}, ""};
      if (!seen.insert(checked.discovered_labels.ToString()).second) continue;
      const absl::StatusOr<std::optional<Target>> target =
          RelabelTarget(config, checked.discovered_labels);
      if (!target.ok()) {
        checked.error = std::string(ToStd(target.status().message()));
      } else if (target->has_value()) {
        checked.labels = LabelsOf(config, **target);
      }
      targets.push_back(std::move(checked));
    }
  }
  return targets;
}

}  // namespace tidemark::scrape
