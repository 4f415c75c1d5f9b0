#include "cmd/tidectl/check_discovery.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "base/strings.h"
#include "cmd/config/config.h"
#include "scrape/discovery_check.h"
#include "scrape/discovery_manager.h"

namespace tidemark::tidectl {
namespace {

std::vector<scrape::TargetGroup> Discover(const scrape::ScrapeConfig& config, DurationMs timeout) {
  HttpClient http;
  MetricRegistry metrics;
  Clock& clock = Clock::Real();
  scrape::DiscoveryManager manager("check", http, clock, metrics, [](const auto&) {});
  manager.Apply({{config.job_name, config.static_configs, config.discovery}});
  manager.WaitForAll(clock.Now() + timeout);
  return manager.Groups(config.job_name);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  AppendJsonEscaped(text, &quoted);
  return quoted + "\"";
}

// A member of an object in a list, two spaces a level as Go indents.
std::string Member(std::string_view key, const LabelSet& labels) {
  std::string text = StrCat("    \"", key, "\": {");
  std::string_view separator = "\n";
  for (const auto& [name, value] : labels) {
    StrAppend(&text, separator, "      ", Quoted(name), ": ", Quoted(value));
    separator = ",\n";
  }
  return text + (labels.empty() ? "}" : "\n    }");
}

void Print(const std::vector<scrape::CheckedTarget>& targets, std::ostream& out) {
  std::string_view separator = "\n";
  out << "[";
  for (const scrape::CheckedTarget& target : targets) {
    out << separator << "  {\n"
        << Member("discoveredLabels", target.discovered_labels) << ",\n"
        << Member("labels", target.labels);
    if (!target.error.empty()) out << ",\n    \"error\": " << Quoted(target.error);
    out << "\n  }";
    separator = ",\n";
  }
  out << (targets.empty() ? "]\n" : "\n]\n");
}

}  // namespace

bool CheckServiceDiscovery(const std::string& config_path, const std::string& job,
                           DurationMs timeout, const Output& output) {
  const absl::StatusOr<config::Config> config = config::LoadConfig(config_path);
  if (!config.ok()) {
    output.err << "Cannot load config: " << ToStd(config.status().message()) << "\n";
    return false;
  }
  const auto& jobs = config->scrape_configs;
  const auto found = std::find_if(jobs.begin(), jobs.end(),
                                  [&](const auto& config) { return config.job_name == job; });
  if (found == jobs.end()) {
    output.err << "Job " << job << " not found. Select one of:\n";
    for (const scrape::ScrapeConfig& known : jobs) output.err << "\t" << known.job_name << "\n";
    return false;
  }
  Print(scrape::CheckTargets(*found, Discover(*found, timeout)), output.out);
  return true;
}

}  // namespace tidemark::tidectl
