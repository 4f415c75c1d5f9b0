#include <memory>

#include <CLI/CLI.hpp>

#include "cmd/tidectl/command_line.h"

namespace tidemark::tidectl {

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
}

}  // namespace tidemark::tidectl
