#include "cmd/tidectl/check.h"

#include <iterator>
#include <ostream>

#include "absl/status/statusor.h"

#include "alerting/rule_file.h"
#include "base/io/path_pattern.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/config.h"

namespace tidemark::tidectl {
namespace {

void PrintFailure(const absl::Status& status, const Output& output) {
  output.err << "  FAILED: " << ToStd(status.message()) << "\n";
}

// The rule files that a configuration names. Unlike the server, which may start before a file is
// there, a check finds fault with a name that stands for none.
absl::StatusOr<std::vector<std::string>> RuleFilesOf(const config::Config& config) {
  std::vector<std::string> paths;
  for (const std::string& pattern : config.rule_patterns) {
    std::vector<std::string> found = ExpandPattern(pattern);
    if (found.empty() && pattern.find('*') == std::string::npos) {
      return absl::NotFoundError(StrCat("\"", pattern, "\" does not point to an existing file"));
    }
    std::move(found.begin(), found.end(), std::back_inserter(paths));
  }
  return paths;
}

absl::StatusOr<std::vector<std::string>> CheckConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const config::Config config, config::LoadConfig(path));
  return RuleFilesOf(config);
}

}  // namespace

bool CheckConfigs(const std::vector<std::string>& paths, const promql::ParserOptions& options,
                  const Output& output) {
  bool all_valid = true;
  for (const std::string& path : paths) {
    output.out << "Checking " << path << "\n";
    const absl::StatusOr<std::vector<std::string>> rule_files = CheckConfig(path);
    if (!rule_files.ok()) {
      PrintFailure(rule_files.status(), output);
      output.out << "\n";
      all_valid = false;
      continue;
    }
    if (!rule_files->empty()) {
      output.out << "  SUCCESS: " << rule_files->size() << " rule files found\n";
    }
    output.out << " SUCCESS: " << path << " is valid prometheus config file syntax\n\n";
    all_valid &= CheckRules(*rule_files, options, output);
  }
  return all_valid;
}

bool CheckRules(const std::vector<std::string>& paths, const promql::ParserOptions& options,
                const Output& output) {
  bool all_valid = true;
  for (const std::string& path : paths) {
    output.out << "Checking " << path << "\n";
    const auto groups = alerting::LoadRuleFile(path, options);
    if (groups.ok()) {
      size_t num_rules = 0;
      for (const alerting::RuleGroupConfig& group : *groups) num_rules += group.rules.size();
      output.out << "  SUCCESS: " << num_rules << " rules found\n\n";
    } else {
      PrintFailure(groups.status(), output);
      output.out << "\n";
      all_valid = false;
    }
  }
  return all_valid;
}

}  // namespace tidemark::tidectl
