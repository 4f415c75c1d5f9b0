#pragma once

#include <string>
#include <vector>

#include "cmd/config/feature_flags.h"
#include "cmd/tidectl/check.h"

// `tidectl test`. Each is false where a test failed or could not be run.
namespace tidemark::tidectl {

// Runs scripts in the language of Prometheus's promqltest, with every feature on. Prints for each
// case that fails "FILE:LINE: EXPRESSION" and what was wanted and came, and a count for each file.
bool TestPromql(const std::vector<std::string>& paths, const Output& output);

struct RuleTestFlags {
  std::vector<std::string> files = {};
  std::vector<std::string> run = {};  // regular expressions of names of test groups; none: all
  bool diff = false, debug = false, ignore_unknown_fields = false;
  std::string junit_file = {};  // gets the results as JUnit XML; empty: none does
};
// `test rules`: what promtool's command of the same name prints.
bool TestRules(const RuleTestFlags& flags, const config::Features& features, const Output& output);

}  // namespace tidemark::tidectl
