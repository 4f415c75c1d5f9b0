#include "scrape/discovery_check.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/io/path_pattern.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/discovery/file_discovery.h"
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

absl::Status CheckGroups(const ScrapeConfig& config, const std::vector<TargetGroup>& groups) {
  for (const CheckedTarget& target : CheckTargets(config, groups)) {
    if (!target.error.empty()) return absl::InvalidArgumentError(target.error);
  }
  return absl::OkStatus();
}

absl::Status CheckFile(const ScrapeConfig& config, const std::string& path) {
  const absl::StatusOr<std::vector<TargetGroup>> groups = ReadTargetFile(path);
  const absl::Status status = groups.ok() ? CheckGroups(config, *groups) : groups.status();
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      StrCat("checking SD file \"", path, "\": ", ToStd(status.message())));
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

absl::Status CheckTargetFiles(const ScrapeConfig& config, std::vector<std::string>* missing) {
  for (const auto& discovery : config.discovery) {
    const auto* const files = dynamic_cast<const FileDiscovery*>(discovery.get());
    if (files == nullptr) continue;
    for (const std::string& pattern : files->patterns) {
      const std::vector<std::string> paths = ExpandPattern(pattern);
      if (paths.empty()) missing->push_back(pattern);
      for (const std::string& path : paths) RETURN_IF_ERROR(CheckFile(config, path));
    }
  }
  return CheckGroups(config, config.static_configs);
}

}  // namespace tidemark::scrape
