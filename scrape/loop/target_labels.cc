#include "scrape/loop/target_labels.h"

#include <map>
#include <vector>

#include "base/model/duration.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kJob = "job", kInstance = "instance", kAddress = "__address__",
                           kScheme = "__scheme__", kMetricsPath = "__metrics_path__",
                           kInterval = "__scrape_interval__", kTimeout = "__scrape_timeout__",
                           kParamPrefix = "__param_", kReservedPrefix = "__";

void SetDefault(std::string_view name, std::string_view value, LabelSetBuilder& labels) {
  if (labels.Get(name).empty()) labels.Set(name, value);
}

// The parameters of the configuration; a `__param_NAME` label replaces the first value of NAME.
std::string Query(const ScrapeConfig& config, const LabelSetBuilder& labels) {
  std::map<std::string, std::vector<std::string>> params;
  for (const auto& [name, value] : config.params) params[name].push_back(value);
  for (const auto& [name, value] : labels.labels()) {
    if (!name.starts_with(kParamPrefix)) continue;
    auto& values = params[name.substr(kParamPrefix.size())];
    if (values.empty()) values.emplace_back();
    values.front() = value;
  }
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, values] : params) {
    for (const std::string& value : values) fields.emplace_back(name, value);
  }
  return FormEncode(fields);
}

std::string TargetUrl(const ScrapeConfig& config, const LabelSetBuilder& labels) {
  const std::string_view path = labels.Get(kMetricsPath);
  std::string url = StrCat(labels.Get(kScheme), "://", labels.Get(kAddress),
                           path.starts_with('/') ? "" : "/", path);
  const std::string query = Query(config, labels);
  if (!query.empty()) StrAppend(&url, "?", query);
  return url;
}

// The time that the label `name` says; `what` is what errors call it.
absl::StatusOr<DurationMs> LabelDuration(const LabelSetBuilder& labels, std::string_view name,
                                         std::string_view what) {
  const absl::StatusOr<DurationMs> duration = ParseDuration(labels.Get(name));
  if (!duration.ok()) {
    return absl::InvalidArgumentError(
        StrCat("error parsing ", what, ": ", ToStd(duration.status().message())));
  }
  if (*duration <= 0) return absl::InvalidArgumentError(StrCat(what, " cannot be 0"));
  return *duration;
}

absl::Status ReadTiming(const LabelSetBuilder& labels, Target* target) {
  ASSIGN_OR_RETURN(target->interval, LabelDuration(labels, kInterval, "scrape interval"));
  ASSIGN_OR_RETURN(target->timeout, LabelDuration(labels, kTimeout, "scrape timeout"));
  if (target->timeout <= target->interval) return absl::OkStatus();
  return absl::InvalidArgumentError(
      StrCat("scrape timeout cannot be greater than scrape interval (\"", labels.Get(kTimeout),
             "\" > \"", labels.Get(kInterval), "\")"));
}

LabelSet PublicLabels(const LabelSetBuilder& labels) {
  LabelSetBuilder out;
  for (const auto& [name, value] : labels.labels()) {
    if (!name.starts_with(kReservedPrefix)) out.Set(name, value);
  }
  SetDefault(kInstance, labels.Get(kAddress), out);
  return out.Build();
}

}  // namespace

LabelSet DiscoveredLabels(const ScrapeConfig& config, std::string_view address,
                          const LabelSet& group) {
  LabelSetBuilder labels(group);
  labels.Set(kAddress, address);
  SetDefault(kJob, config.job_name, labels);
  SetDefault(kInterval, FormatDuration(config.interval), labels);
  SetDefault(kTimeout, FormatDuration(config.timeout), labels);
  SetDefault(kMetricsPath, config.metrics_path, labels);
  SetDefault(kScheme, config.scheme, labels);
  for (const auto& [name, value] : config.params) {
    SetDefault(StrCat(kParamPrefix, name), value, labels);
  }
  return labels.Build();
}

absl::StatusOr<std::optional<Target>> RelabelTarget(const ScrapeConfig& config,
                                                    const LabelSet& discovered) {
  LabelSetBuilder labels(discovered);
  if (!Relabel(config.relabel_rules, labels)) return std::nullopt;
  const std::string_view address = labels.Get(kAddress);
  if (address.empty()) return absl::InvalidArgumentError("no address");
  if (address.find('/') != std::string_view::npos) {
    return absl::InvalidArgumentError(StrCat("\"", address, "\" is not a valid hostname"));
  }
  Target target;
  RETURN_IF_ERROR(ReadTiming(labels, &target));
  target.discovered_labels = discovered;
  target.labels = PublicLabels(labels);
  target.url = TargetUrl(config, labels);
  return target;
}

}  // namespace tidemark::scrape
