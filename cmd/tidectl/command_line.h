#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cmd/config/feature_flags.h"
#include "cmd/tidectl/check.h"

namespace CLI {
class App;
}

// What tidectl is told: one file says what the arguments of a group of commands are.
namespace tidemark::tidectl {

struct Invocation {
  // What was asked for; null where it was nothing. False where it failed.
  std::function<bool(const Output&)> run;
  int exit_code = 1;          // of the process where `run` fails
  config::Features features;  // as --enable-feature says, when `run` is called
};

// Each adds its commands to `app`. What they set outlives the parsing.
void DescribeChecks(CLI::App& app, Invocation& invocation);
void DescribePromql(CLI::App& app, Invocation& invocation);
void DescribeQueries(CLI::App& app, Invocation& invocation);
void DescribeTsdb(CLI::App& app, Invocation& invocation);
void DescribeTests(CLI::App& app, Invocation& invocation);

}  // namespace tidemark::tidectl
