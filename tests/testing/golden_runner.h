#pragma once

#include "promql/test_script.h"

namespace tidemark::testing {

// Runs a script over a MemoryStore that finds hints (promql::RunTestScript).
absl::StatusOr<promql::ScriptReport> RunGoldenScript(std::string_view text,
                                                     bool delayed_name_removal = true);

}  // namespace tidemark::testing
