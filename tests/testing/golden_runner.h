#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::testing {

enum class GoldenOutcome {
  kPassed,
  kFailed,
  kNotYet,  // needs what is not evaluated yet: the engine says Unimplemented, or native histograms
};

// An `eval` of a script.
struct GoldenCase {
  size_t line = 0;  // from 1
  std::string query;
  GoldenOutcome outcome = GoldenOutcome::kPassed;
  std::string reason;  // where it did not pass
};

struct GoldenReport {
  std::vector<GoldenCase> cases;
  size_t Count(GoldenOutcome outcome) const;
};

struct GoldenOptions {
  bool delayed_name_removal = true;  // as Prometheus runs its own scripts
};

// Runs a script (golden_script.h) over a store in memory, with all feature flags on. Each instant
// case whose order does not matter is run again as the middle of a range query.
//   InvalidArgument  the script cannot be read
absl::StatusOr<GoldenReport> RunGoldenScript(std::string_view text,
                                             const GoldenOptions& options = {});

}  // namespace tidemark::testing
