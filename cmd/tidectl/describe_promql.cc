#include <memory>

#include <CLI/CLI.hpp>

#include "cmd/tidectl/command_line.h"
#include "cmd/tidectl/promql_commands.h"

namespace tidemark::tidectl {

void DescribePromql(CLI::App& app, Invocation& invocation) {
  CLI::App* promql = app.add_subcommand("promql", "Format and change queries.");
  promql->require_subcommand(1)->fallthrough();
  const auto flags = std::make_shared<LabelMatcherFlags>();

  CLI::App* format = promql->add_subcommand("format", "Print a query in its usual form.");
  format->add_option("query", flags->query, "The query.")->required();
  format->callback([&invocation, flags] {
    invocation.run = [&invocation, flags](const Output& output) {
      return FormatPromql(flags->query, invocation.features.parser, output);
    };
  });

  CLI::App* matchers = promql->add_subcommand("label-matchers", "Edit the selectors of a query.");
  matchers->require_subcommand(1)->fallthrough();
  CLI::App* set = matchers->add_subcommand("set", "Set a matcher in every selector.");
  set->add_option("-t,--type", flags->type, "How to match: =, !=, =~ or !~.")
      ->capture_default_str();
  set->add_option("query", flags->query, "The query.")->required();
  set->add_option("name", flags->name, "The label.")->required();
  set->add_option("value", flags->value, "The value to match.")->required();
  set->callback([&invocation, flags] {
    invocation.run = [&invocation, flags](const Output& output) {
      return SetLabelMatchers(*flags, invocation.features.parser, output);
    };
  });

  CLI::App* remove =
      matchers->add_subcommand("delete", "Take the matchers of a label out of every selector.");
  remove->add_option("query", flags->query, "The query.")->required();
  remove->add_option("name", flags->name, "The label.")->required();
  remove->callback([&invocation, flags] {
    invocation.run = [&invocation, flags](const Output& output) {
      return DeleteLabelMatchers(*flags, invocation.features.parser, output);
    };
  });
}

}  // namespace tidemark::tidectl
