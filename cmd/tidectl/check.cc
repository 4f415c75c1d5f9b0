#include "cmd/tidectl/check.h"

#include <filesystem>
#include <iterator>
#include <ostream>

#include "absl/status/statusor.h"

#include "alerting/rule_file.h"
#include "base/io/path_pattern.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/config.h"
#include "scrape/discovery_check.h"

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

absl::Status CheckFileExists(std::string_view what, const std::string& path) {
  if (path.empty() || std::filesystem::exists(path)) return absl::OkStatus();
  return absl::NotFoundError(
      StrCat("error checking ", what, " \"", path, "\": no such file or directory"));
}

// What a server would find out only when it uses it: the files that a scrape configuration names.
absl::Status CheckFilesOf(const scrape::ScrapeConfig& config, const Output& output) {
  RETURN_IF_ERROR(CheckFileExists("authorization credentials or bearer token file",
                                  config.http.authorization_credentials_file));
  RETURN_IF_ERROR(CheckFileExists("client cert file", config.http.tls.cert_file));
  RETURN_IF_ERROR(CheckFileExists("client key file", config.http.tls.key_file));
  std::vector<std::string> missing;
  const absl::Status status = scrape::CheckTargetFiles(config, &missing);
  for (const std::string& pattern : missing) {
    output.out << "  WARNING: file \"" << pattern << "\" for file_sd in scrape job \""
               << config.job_name << "\" does not exist\n";
  }
  return status;
}

absl::StatusOr<std::vector<std::string>> CheckConfig(const std::string& path,
                                                     const Output& output) {
  ASSIGN_OR_RETURN(const config::Config config, config::LoadConfig(path));
  for (const scrape::ScrapeConfig& scrape : config.scrape_configs) {
    RETURN_IF_ERROR(CheckFilesOf(scrape, output));
  }
  return RuleFilesOf(config);
}

}  // namespace

bool CheckConfigs(const std::vector<std::string>& paths, const promql::ParserOptions& options,
                  const Output& output) {
  bool all_valid = true;
  for (const std::string& path : paths) {
    output.out << "Checking " << path << "\n";
    const absl::StatusOr<std::vector<std::string>> rule_files = CheckConfig(path, output);
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
