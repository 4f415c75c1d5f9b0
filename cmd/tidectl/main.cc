#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/build_info.h"
#include "cmd/config/feature_flags.h"
#include "cmd/tidectl/check.h"

namespace tidemark::tidectl {
namespace {

// A failed check and a wrong command line both end with 1, as promtool ends.
constexpr int kFailed = 1;

struct Command {
  std::vector<std::string> config_files, rule_files, features;
  bool check_config = false, check_rules = false, version = false;
};

void Describe(CLI::App& app, Command& command) {
  app.set_help_flag("-h,--help", "Show this text.");
  app.add_flag("--version", command.version, "Show the version.");
  app.add_option("--enable-feature", command.features, "Comma separated feature names to enable.")
      ->allow_extra_args(false);
  app.fallthrough();  // the flags above may follow the command

  CLI::App* check = app.add_subcommand("check", "Check files for validity.");
  check->require_subcommand(1)->fallthrough();
  CLI::App* config =
      check->add_subcommand("config", "Check configuration files and the rule files they name.");
  config->add_option("config-files", command.config_files, "The files to check.")->required();
  config->callback([&command] { command.check_config = true; });
  CLI::App* rules = check->add_subcommand("rules", "Check rule files.");
  rules->add_option("rule-files", command.rule_files, "The files to check.")->required();
  rules->callback([&command] { command.check_rules = true; });
}

int Run(const Command& command) {
  config::Features features;
  std::vector<std::string> warnings;
  for (const std::string& names : command.features) {
    config::EnableFeatures(names, &features, &warnings);
  }
  for (const std::string& warning : warnings) std::cerr << "  WARNING: " << warning << "\n";

  const Output output{std::cout, std::cerr};
  bool valid = true;
  if (command.check_config) {
    valid &= CheckConfigs(command.config_files, features.parser, output);
  }
  if (command.check_rules) valid &= CheckRules(command.rule_files, features.parser, output);
  return valid ? 0 : kFailed;
}

int Main(int argc, char** argv) {
  CLI::App app("Tools for the Tidemark server.", "tidectl");
  Command command;
  Describe(app, command);
  // CLI11 throws, for --help too.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kFailed;
  }
  if (command.version) {
    std::cout << "tidectl, version " << GetBuildInfo().version
              << " (revision: " << GetBuildInfo().revision << ")\n";
    return 0;
  }
  if (!command.check_config && !command.check_rules) {
    std::cerr << app.help();
    return kFailed;
  }
  return Run(command);
}

}  // namespace
}  // namespace tidemark::tidectl

int main(int argc, char** argv) { return tidemark::tidectl::Main(argc, argv); }
