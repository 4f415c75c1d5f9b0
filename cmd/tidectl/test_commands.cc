#include "cmd/tidectl/test_commands.h"

#include <iterator>
#include <ostream>
#include <string_view>

#include "absl/strings/str_join.h"

#include "alerting/rule_test_runner.h"
#include "base/io/file.h"
#include "base/io/path_pattern.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/config.h"
#include "cmd/tidectl/scratch_db.h"
#include "promql/test_script.h"

namespace tidemark::tidectl {
namespace {

absl::StatusOr<promql::ScriptReport> RunScript(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return promql::RunTestScript(text, {.new_store = NewScratchDb});
}

void PrintCase(const std::string& path, const promql::ScriptCase& c, const Output& output) {
  const bool failed = c.outcome == promql::ScriptOutcome::kFailed;
  output.err << path << ":" << c.line << ": " << c.query << "\n    "
             << (failed ? "" : "not evaluated: ") << c.reason << "\n";
}

absl::StatusOr<alerting::RuleTestOptions> RuleOptions(const RuleTestFlags& flags,
                                                      const config::Features& features,
                                                      const Output& output) {
  alerting::RuleTestOptions options;
  options.new_store = NewScratchDb;
  options.parser = features.parser;
  options.delayed_name_removal = features.delayed_name_removal;
  if (flags.ignore_unknown_fields) options.unknown_fields = alerting::UnknownFields::kIgnore;
  if (!flags.run.empty()) {
    ASSIGN_OR_RETURN(options.run,
                     SearchRegex::Create(absl::StrJoin(flags.run.begin(), flags.run.end(), "|")));
  }
  options.diff = flags.diff;
  if (flags.debug) options.debug = [&](std::string_view line) { output.err << line << "\n"; };
  return options;
}

// The failures of one file of tests.
std::vector<std::string> RunFile(const std::string& path, const alerting::RuleTestOptions& options,
                                 const Output& output) {
  const auto file = alerting::LoadRuleTestFile(path);
  if (!file.ok()) return {std::string(file.status().message())};
  std::vector<std::string> rule_paths;
  for (const std::string& pattern : file->rule_patterns) {
    std::vector<std::string> found = ExpandPattern(pattern);
    if (found.empty()) output.err << "  WARNING: no file match pattern " << pattern << "\n";
    std::move(found.begin(), found.end(), std::back_inserter(rule_paths));
  }
  return alerting::RunRuleTests(*file, rule_paths, options);
}

}  // namespace

bool TestRules(const RuleTestFlags& flags, const config::Features& features, const Output& output) {
  const auto options = RuleOptions(flags, features, output);
  if (!options.ok()) {
    output.err << "--run: " << ToStd(options.status().message()) << "\n";
    return false;
  }
  bool all_passed = true;
  for (const std::string& path : flags.files) {
    const std::vector<std::string> failures = RunFile(path, *options, output);
    if (failures.empty()) output.out << "  SUCCESS\n";
    if (!failures.empty()) output.err << "  FAILED:\n";
    for (const std::string& failure : failures) {
      output.err << failure << "\n";
      output.out << "\n";
    }
    output.out << "\n";
    all_passed &= failures.empty();
  }
  return all_passed;
}

bool TestPromql(const std::vector<std::string>& paths, const Output& output) {
  bool all_passed = true;
  for (const std::string& path : paths) {
    const absl::StatusOr<promql::ScriptReport> report = RunScript(path);
    if (!report.ok()) {
      output.err << path << ": " << ToStd(report.status().message()) << "\n";
      all_passed = false;
      continue;
    }
    for (const promql::ScriptCase& c : report->cases) {
      if (c.outcome != promql::ScriptOutcome::kPassed) PrintCase(path, c, output);
    }
    const size_t passed = report->Count(promql::ScriptOutcome::kPassed);
    output.out << path << ": " << passed << " of " << report->cases.size() << " passed\n";
    all_passed &= passed == report->cases.size();
  }
  return all_passed;
}

}  // namespace tidemark::tidectl
