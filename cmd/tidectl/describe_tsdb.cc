#include <memory>

#include <CLI/CLI.hpp>

#include "base/run/clock.h"
#include "cmd/tidectl/command_line.h"
#include "cmd/tidectl/tsdb_commands.h"

namespace tidemark::tidectl {
namespace {

constexpr char kDefaultDirectory[] = "data/";

void AddDirectory(CLI::App* app, std::string& directory) {
  app->add_option("directory", directory, "The data directory.")->capture_default_str();
}

struct ReaderFlags {
  std::string directory = kDefaultDirectory, block;
  bool human_readable = false;
  size_t limit = 20;
};

void DescribeBlockReaders(CLI::App& tsdb, Invocation& invocation) {
  const auto flags = std::make_shared<ReaderFlags>();
  CLI::App* list = tsdb.add_subcommand("list", "List the blocks.");
  AddDirectory(list, flags->directory);
  list->add_flag("-r,--human-readable", flags->human_readable, "Print times and sizes as text.");
  list->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return ListBlocks(flags->directory, flags->human_readable, output);
    };
  });

  CLI::App* analyze =
      tsdb.add_subcommand("analyze", "Rank the labels of a block by series, values and churn.");
  AddDirectory(analyze, flags->directory);
  analyze->add_option("block", flags->block, "The block's ULID; the newest block by default.");
  analyze->add_option("--limit", flags->limit, "How many lines a list has.")->capture_default_str();
  analyze->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return AnalyzeBlock(flags->directory, flags->block, flags->limit, output);
    };
  });

  CLI::App* verify = tsdb.add_subcommand(
      "verify",
      "Read every byte of all blocks, the checkpoint and the journal, and name what is damaged. No "
      "server must have the directory open.");
  AddDirectory(verify, flags->directory);
  verify->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return VerifyStore(flags->directory, output);
    };
  });
}

void DescribeDump(CLI::App& tsdb, Invocation& invocation) {
  const auto flags = std::make_shared<DumpFlags>();
  CLI::App* dump = tsdb.add_subcommand(
      "dump", "Print all samples of a data directory, which no server must have open.");
  flags->directory = kDefaultDirectory;
  AddDirectory(dump, flags->directory);
  dump->add_option("--min-time", flags->range.min, "First time, in milliseconds.");
  dump->add_option("--max-time", flags->range.max, "Last time, in milliseconds.");
  dump->add_option("--match", flags->selectors, "A series selector; of several, one has to match.")
      ->allow_extra_args(false);
  dump->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) { return DumpSamples(*flags, output); };
  });
}

void DescribeImport(CLI::App& tsdb, Invocation& invocation) {
  const auto flags = std::make_shared<ImportFlags>();
  CLI::App* import = tsdb.add_subcommand(
      "import-prometheus",
      "Write what a Prometheus 2 or 3 has stored into a new data directory of Tidemark. The "
      "Prometheus must not be running.");
  import->add_option("directory", flags->source, "The data directory of Prometheus.")->required();
  CLI::Option* const to = import->add_option("--output", flags->output,
                                             "The data directory to write; without blocks so far.");
  import->add_flag("--dry-run", flags->dry_run, "Read everything and write nothing.");
  import->callback([&invocation, flags, to] {
    if (to->count() == 0 && !flags->dry_run) throw CLI::RequiredError("--output");
  invocation.run = [flags](const Output& output) {
    return ImportPrometheus(*flags, Clock::Real(), output);
  };
});
}  // namespace

void DescribeBackfill(CLI::App& tsdb, Invocation& invocation) {
  const auto flags = std::make_shared<BackfillFlags>();
  CLI::App* create = tsdb.add_subcommand("create-blocks-from", "Write blocks from other data.");
  create->require_subcommand(1)->fallthrough();
  CLI::App* openmetrics = create->add_subcommand(
      "openmetrics", "Write blocks from OpenMetrics text, whose samples all have timestamps.");
  flags->output = kDefaultDirectory;
  openmetrics->add_option("input", flags->input, "The file to read.")->required();
  openmetrics->add_option("output", flags->output, "The data directory to write blocks into.")
      ->capture_default_str();
  openmetrics->add_option("--max-block-duration", flags->max_block_duration,
                          "How long a block may be; of 2h, 6h, 18h, ... the longest that fits is "
                          "taken.");
  openmetrics->add_option("--label", flags->labels, "A label for every series, as name=value.")
      ->allow_extra_args(false);
  openmetrics->add_flag("-r,--human-readable", flags->human_readable,
                        "Print times and sizes as text.");
  openmetrics->add_flag("-q,--quiet", flags->quiet, "Do not print the blocks.");
  openmetrics->callback([&invocation, flags] {
    invocation.run = [flags](const Output& output) {
      return CreateBlocksFromOpenMetrics(*flags, Clock::Real(), output);
    };
  });
}

}  // namespace tidemark::tidectl

void DescribeTsdb(CLI::App& app, Invocation& invocation) {
  CLI::App* tsdb = app.add_subcommand("tsdb", "Read and write data directories.");
  tsdb->require_subcommand(1)->fallthrough();
  DescribeBlockReaders(*tsdb, invocation);
  DescribeDump(*tsdb, invocation);
  DescribeImport(*tsdb, invocation);
  DescribeBackfill(*tsdb, invocation);
}

}  // namespace tidemark::tidectl
