#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/build_info.h"
#include "base/run/clock.h"
#include "cmd/config/feature_flags.h"
#include "cmd/tidectl/check.h"
#include "cmd/tidectl/tsdb_commands.h"

namespace tidemark::tidectl {
namespace {

// A failed check and a wrong command line both end with 1, as promtool ends.
constexpr int kFailed = 1;
constexpr char kDefaultDirectory[] = "data/";

struct Command {
  std::vector<std::string> config_files, rule_files, features;
  bool check_config = false, check_rules = false, version = false;

  // Of `tsdb`: what to do, with the flags below.
  std::function<bool(const Output&)> tsdb;
  ImportFlags import;
  BackfillFlags backfill;
  DumpFlags dump;
  std::string directory = kDefaultDirectory, block;
  bool human_readable = false;
  size_t limit = 20;
};

void DescribeReaders(CLI::App& tsdb, Command& command) {
  const auto add_directory = [](CLI::App* app, std::string& directory) {
    app->add_option("directory", directory, "The data directory.")->capture_default_str();
  };
  CLI::App* list = tsdb.add_subcommand("list", "List the blocks.");
  add_directory(list, command.directory);
  list->add_flag("-r,--human-readable", command.human_readable, "Print times and sizes as text.");
  list->callback([&command] {
    command.tsdb = [&command](const Output& output) {
      return ListBlocks(command.directory, command.human_readable, output);
    };
  });

  CLI::App* analyze =
      tsdb.add_subcommand("analyze", "Rank the labels of a block by how many series they make.");
  add_directory(analyze, command.directory);
  analyze->add_option("block", command.block, "The block's ULID; the newest block by default.");
  analyze->add_option("--limit", command.limit, "How many lines a list has.")
      ->capture_default_str();
  analyze->callback([&command] {
    command.tsdb = [&command](const Output& output) {
      return AnalyzeBlock(command.directory, command.block, command.limit, output);
    };
  });

  CLI::App* dump = tsdb.add_subcommand(
      "dump", "Print the samples of all blocks. What is not in a block yet is not printed.");
  command.dump.directory = kDefaultDirectory;
  add_directory(dump, command.dump.directory);
  dump->add_option("--min-time", command.dump.range.min, "First time, in milliseconds.");
  dump->add_option("--max-time", command.dump.range.max, "Last time, in milliseconds.");
  dump->add_option("--match", command.dump.selectors,
                   "A series selector; of several, one has to match.")
      ->allow_extra_args(false);
  dump->callback([&command] {
    command.tsdb = [&command](const Output& output) { return DumpSamples(command.dump, output); };
  });

  CLI::App* verify = tsdb.add_subcommand(
      "verify", "Read every byte of all blocks, and name the files that are damaged.");
  add_directory(verify, command.directory);
  verify->callback([&command] {
    command.tsdb = [&command](const Output& output) {
      return VerifyStore(command.directory, output);
    };
  });
}

void DescribeWriters(CLI::App& tsdb, Command& command) {
  CLI::App* import = tsdb.add_subcommand(
      "import-prometheus",
      "Write what a Prometheus 2 or 3 has stored into a new data directory of Tidemark. The "
      "Prometheus must not be running.");
  import->add_option("directory", command.import.source, "The data directory of Prometheus.")
      ->required();
  CLI::Option* const to = import->add_option("--output", command.import.output,
                                             "The data directory to write; without blocks so far.");
  import->add_flag("--dry-run", command.import.dry_run, "Read everything and write nothing.");
  import->callback([&command, to] {
    if (to->count() == 0 && !command.import.dry_run) throw CLI::RequiredError("--output");
  command.tsdb = [&command](const Output& output) {
    return ImportPrometheus(command.import, Clock::Real(), output);
  };
});

CLI::App* create = tsdb.add_subcommand("create-blocks-from", "Write blocks from other data.");
create->require_subcommand(1)->fallthrough();
CLI::App* openmetrics = create->add_subcommand(
    "openmetrics", "Write blocks from OpenMetrics text, whose samples all have timestamps.");
BackfillFlags& flags = command.backfill;
openmetrics->add_option("input", flags.input, "The file to read.")->required();
openmetrics->add_option("output", flags.output, "The data directory to write blocks into.")
    ->capture_default_str();
openmetrics->add_option("--max-block-duration", flags.max_block_duration,
                        "How long a block may be; of 2h, 6h, 18h, ... the longest that fits is "
                        "taken.");
openmetrics->add_option("--label", flags.labels, "A label for every series, as name=value.")
    ->allow_extra_args(false);
openmetrics->add_flag("-r,--human-readable", flags.human_readable,
                      "Print times and sizes as text.");
openmetrics->add_flag("-q,--quiet", flags.quiet, "Do not print the blocks.");
openmetrics->callback([&command] {
  command.tsdb = [&command](const Output& output) {
    return CreateBlocksFromOpenMetrics(command.backfill, Clock::Real(), output);
  };
});
}  // namespace

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

  CLI::App* tsdb = app.add_subcommand("tsdb", "Read and write data directories.");
  tsdb->require_subcommand(1)->fallthrough();
  DescribeReaders(*tsdb, command);
  DescribeWriters(*tsdb, command);
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
  if (command.tsdb) valid &= command.tsdb(output);
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
  if (!command.check_config && !command.check_rules && !command.tsdb) {
    std::cerr << app.help();
    return kFailed;
  }
  return Run(command);
}

}  // namespace tidemark::tidectl
}  // namespace tidemark::tidectl

int main(int argc, char** argv) { return tidemark::tidectl::Main(argc, argv); }
