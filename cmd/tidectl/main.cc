#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/build_info.h"
#include "base/log.h"
#include "cmd/config/feature_flags.h"
#include "cmd/tidectl/command_line.h"

namespace tidemark::tidectl {
namespace {

// A wrong command line and most failed checks end with 1, as promtool ends.
constexpr int kFailed = 1;

config::Features EnableFeatures(const std::vector<std::string>& flags) {
  config::Features features;
  std::vector<std::string> warnings;
  for (const std::string& names : flags) config::EnableFeatures(names, &features, &warnings);
  for (const std::string& warning : warnings) std::cerr << "  WARNING: " << warning << "\n";
  return features;
}

void PrintVersion() {
  std::cout << "tidectl, version " << GetBuildInfo().version
            << " (revision: " << GetBuildInfo().revision << ")\n";
}

int Main(int argc, char** argv) {
  CLI::App app("Tools for the Tidemark server.", "tidectl");
  Invocation invocation;
  std::vector<std::string> features;
  bool version = false;
  app.set_help_flag("-h,--help", "Show this text.");
  app.add_flag("--version", version, "Show the version.");
  app.add_option("--enable-feature", features, "Comma separated feature names to enable.")
      ->allow_extra_args(false);
  app.fallthrough();  // the flags above may follow the command
  DescribeChecks(app, invocation);
  DescribePromql(app, invocation);
  DescribeQueries(app, invocation);
  DescribeTests(app, invocation);
  DescribeTsdb(app, invocation);
  // CLI11 throws, for --help too.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kFailed;
  }
  if (version) {
    PrintVersion();
    return 0;
  }
  if (!invocation.run) {
    std::cerr << app.help();
    return kFailed;
  }
  // What a command has to say it prints; what modules log is for servers.
  if (!log::Configure("error", "logfmt").ok()) return kFailed;
  invocation.features = EnableFeatures(features);
  return invocation.run({std::cout, std::cerr}) ? 0 : invocation.exit_code;
}

}  // namespace
}  // namespace tidemark::tidectl

int main(int argc, char** argv) { return tidemark::tidectl::Main(argc, argv); }
