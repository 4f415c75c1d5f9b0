#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>

#include "base/model/duration.h"
#include "base/strings.h"
#include "cmd/tidectl/check_discovery.h"
#include "cmd/tidectl/check_metrics.h"
#include "cmd/tidectl/command_line.h"

namespace tidemark::tidectl {
namespace {

constexpr int kAgainstConventions = 3;  // how promtool ends

void DescribeMetrics(CLI::App& check, Invocation& invocation) {
  CLI::App* metrics =
      check.add_subcommand("metrics", "Check a page of metrics, which is read from stdin.");
  const auto flags = std::make_shared<CheckMetricsFlags>();
  const auto lint = std::make_shared<std::string>("all");
  metrics->add_flag("--extended", flags->extended, "Print how many series each metric has.");
  metrics->add_option("--lint", *lint, "Which conventions to check.")
      ->check(CLI::IsMember({"all", "none"}))
      ->capture_default_str();
  metrics->callback([&invocation, flags, lint] {
    flags->lint = *lint == "all";
    invocation.run = [&invocation, flags](const Output& output) {
      const std::string page{std::istreambuf_iterator<char>(std::cin), {}};
      const MetricsVerdict verdict = CheckMetrics(page, *flags, output);
      if (verdict == MetricsVerdict::kAgainstConventions)
        invocation.exit_code = kAgainstConventions;
      return verdict == MetricsVerdict::kGood;
    };
  });
}

}  // namespace

void DescribeChecks(CLI::App& app, Invocation& invocation) {
  CLI::App* check = app.add_subcommand("check", "Check files for validity.");
  check->require_subcommand(1)->fallthrough();
  const auto files = std::make_shared<std::vector<std::string>>();

  CLI::App* config =
      check->add_subcommand("config", "Check configuration files and the rule files they name.");
  config->add_option("config-files", *files, "The files to check.")->required();
  config->callback([&invocation, files] {
    invocation.run = [&invocation, files](const Output& output) {
      return CheckConfigs(*files, invocation.features.parser, output);
    };
  });

  CLI::App* rules = check->add_subcommand("rules", "Check rule files.");
  rules->add_option("rule-files", *files, "The files to check.")->required();
  rules->callback([&invocation, files] {
    invocation.run = [&invocation, files](const Output& output) {
      return CheckRules(*files, invocation.features.parser, output);
    };
  });

  DescribeMetrics(*check, invocation);

  struct DiscoveryFlags {
    std::string config, job, timeout = "30s";
  };
  const auto flags = std::make_shared<DiscoveryFlags>();
  CLI::App* discovery = check->add_subcommand(
      "service-discovery", "Discover the targets of a job and print what becomes of each.");
  discovery->add_option("config-file", flags->config, "The configuration file.")->required();
  discovery->add_option("job", flags->job, "The job to discover the targets of.")->required();
  discovery->add_option("--timeout", flags->timeout, "How long to wait for discoveries.")
      ->capture_default_str();
  discovery->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      const absl::StatusOr<DurationMs> timeout = ParseDuration(flags->timeout);
      if (!timeout.ok()) {
        output.err << "--timeout: " << ToStd(timeout.status().message()) << "\n";
        return false;
      }
      return CheckServiceDiscovery(flags->config, flags->job, *timeout, output);
    };
  });
}

}  // namespace tidemark::tidectl
