#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "promql/test_store.h"

namespace tidemark::promql {

enum class ScriptOutcome { kPassed, kFailed };

// An `eval` of a script.
struct ScriptCase {
  size_t line = 0;  // from 1
  std::string query;
  ScriptOutcome outcome = ScriptOutcome::kPassed;
  std::string reason;  // where it did not pass
};

struct ScriptReport {
  std::vector<ScriptCase> cases;
  size_t Count(ScriptOutcome outcome) const;
};

struct ScriptOptions {
  NewTestStore new_store;            // at the beginning and at `clear`
  bool delayed_name_removal = true;  // as Prometheus runs its own scripts
};

// Runs a script in the language of Prometheus's promqltest, with all feature flags on, as
// Prometheus runs it: each instant case again as the middle of a range query, and both again from
// other times with `@` at all selectors.
//   InvalidArgument  the script cannot be read: "line N: reason"
//   others           "line N: reason": a load that failed, which ends the script
absl::StatusOr<ScriptReport> RunTestScript(std::string_view text, const ScriptOptions& options);

}  // namespace tidemark::promql
