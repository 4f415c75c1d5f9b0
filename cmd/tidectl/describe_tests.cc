#include <memory>

#include <CLI/CLI.hpp>

#include "cmd/tidectl/command_line.h"
#include "cmd/tidectl/test_commands.h"

namespace tidemark::tidectl {

void DescribeTests(CLI::App& app, Invocation& invocation) {
  CLI::App* test = app.add_subcommand("test", "Run tests of queries and rules.");
  test->require_subcommand(1)->fallthrough();
  const auto files = std::make_shared<std::vector<std::string>>();

  CLI::App* promql = test->add_subcommand(
      "promql", "Run scripts in the language of Prometheus's promqltest: load, clear, eval.");
  promql->add_option("script-files", *files, "The scripts to run.")->required();
  promql->callback([&invocation, files] {
    invocation.run = [files](const Output& output) { return TestPromql(*files, output); };
  });

  const auto flags = std::make_shared<RuleTestFlags>();
  CLI::App* rules = test->add_subcommand("rules", "Run unit tests of rules in promtool's format.");
  rules->add_option("test-rule-files", flags->files, "The files of tests.")->required();
  rules
      ->add_option("--run", flags->run,
                   "Only the test groups whose names match this regular expression; may be given "
                   "several times.")
      ->allow_extra_args(false);
  rules->add_flag("--debug", flags->debug, "Print all data at the end of each test group.");
  rules->add_flag("--diff", flags->diff, "Print differences of alerts as coloured JSON.");
  rules->add_flag("--ignore-unknown-fields", flags->ignore_unknown_fields,
                  "Pass over unknown fields in rule files, which the server would refuse.");
  rules->add_option("--junit", flags->junit_file, "File for the results as JUnit XML.");
  rules->callback([&invocation, flags] {
    invocation.run = [&invocation, flags](const Output& output) {
      return TestRules(*flags, invocation.features, output);
    };
  });
}

}  // namespace tidemark::tidectl
