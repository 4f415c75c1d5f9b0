#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "alerting/rule_file.h"
#include "alerting/rule_test_file.h"
#include "base/labels/search_regex.h"
#include "promql/query.h"
#include "promql/test_store.h"

namespace tidemark::alerting {

struct RuleTestOptions {
  promql::NewTestStore new_store;  // for each group of tests
  promql::ParserOptions parser;
  bool delayed_name_removal = false;
  UnknownFields unknown_fields = UnknownFields::kRefuse;  // in rule files
  std::optional<SearchRegex> run;  // only groups whose names it finds something in
  bool diff = false;               // differences of alerts as coloured JSON
  // Takes lines about what goes on and the data at the end of each group; null: nobody wants them.
  std::function<void(std::string_view)> debug;
};

// What a group of tests came to.
struct RuleTestResult {
  std::string name;                   // "unnamed#3" where it has none
  std::vector<std::string> failures;  // as promtool words them; none where all is as expected
};

// Runs the tests of `file` over the rules in `rule_paths`, as promtool does: input series and rules
// go forward together, one evaluation interval at a time, whatever interval a group has.
// One result for each group that ran. Errors: those of LoadRuleFile.
// Departs from promtool: NaN equals NaN; rule groups that `group_order` does not tell apart keep
// the order of the files, where promtool's is random.
absl::StatusOr<std::vector<RuleTestResult>> RunRuleTests(const RuleTestFile& file,
                                                         const std::vector<std::string>& rule_paths,
                                                         const RuleTestOptions& options);

}  // namespace tidemark::alerting
