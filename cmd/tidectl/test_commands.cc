#include "cmd/tidectl/test_commands.h"

#include <algorithm>
#include <iterator>
#include <ostream>
#include <string_view>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "alerting/rule_test_runner.h"
#include "base/io/file.h"
#include "base/io/path_pattern.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/config.h"
#include "cmd/tidectl/junit_report.h"
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

absl::StatusOr<std::vector<alerting::RuleTestResult>> RunFile(
    const std::string& path, const alerting::RuleTestOptions& options, const Output& output) {
  ASSIGN_OR_RETURN(const alerting::RuleTestFile file, alerting::LoadRuleTestFile(path));
  std::vector<std::string> rule_paths;
  for (const std::string& pattern : file.rule_patterns) {
    std::vector<std::string> found = ExpandPattern(pattern);
    if (found.empty()) output.err << "  WARNING: no file match pattern " << pattern << "\n";
    std::move(found.begin(), found.end(), std::back_inserter(rule_paths));
  }
  return alerting::RunRuleTests(file, rule_paths, options);
}

// Runs one file of tests and prints what comes of it.
JunitSuite TestRuleFile(const std::string& path, const alerting::RuleTestOptions& options,
                        const Output& output) {
  JunitSuite suite{.name = path};
  const absl::Time begin = absl::Now();
  const auto results = RunFile(path, options, output);
  std::vector<std::string> failures;
  if (results.ok()) {
    suite.timestamp = absl::FormatTime("%Y-%m-%dT%H:%M:%S", begin, absl::LocalTimeZone());
    for (const auto& [name, failed] : *results) {
      suite.cases.push_back({name, failed});
      failures.insert(failures.end(), failed.begin(), failed.end());
    }
  } else {
    suite.error = ToStd(results.status().message());
    failures = {suite.error};
  }
  (failures.empty() ? output.out << "  SUCCESS\n" : output.err << "  FAILED:\n");
  for (const std::string& failure : failures) {
    output.err << failure << "\n";
    output.out << "\n";
  }
  output.out << "\n";
  return suite;
}

}  // namespace

bool TestRules(const RuleTestFlags& flags, const config::Features& features, const Output& output) {
  const auto options = RuleOptions(flags, features, output);
  if (!options.ok()) {
    output.err << "--run: " << ToStd(options.status().message()) << "\n";
    return false;
  }
  std::vector<JunitSuite> suites;
  for (const std::string& path : flags.files) {
    suites.push_back(TestRuleFile(path, *options, output));
  }
  if (!flags.junit_file.empty()) {
    const absl::Status written = WriteFileAtomically(flags.junit_file, FormatJunit(suites));
    if (!written.ok()) {
      output.err << "--junit: " << ToStd(written.message()) << "\n";
      return false;
    }
  }
  return std::all_of(suites.begin(), suites.end(), [](const JunitSuite& suite) {
    const auto passed = [](const JunitCase& c) { return c.failures.empty(); };
    return suite.error.empty() && std::all_of(suite.cases.begin(), suite.cases.end(), passed);
  });
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
