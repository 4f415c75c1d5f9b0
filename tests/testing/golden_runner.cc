#include "tests/testing/golden_runner.h"

#include "tests/testing/memory_store.h"

namespace tidemark::testing {

absl::StatusOr<promql::ScriptReport> RunGoldenScript(std::string_view text,
                                                     bool delayed_name_removal) {
  const auto new_store = []() -> absl::StatusOr<promql::TestStore> {
    const auto store = std::make_shared<MemoryStore>(MemoryStore::Hints::kFound);
    return promql::TestStore{store, store};
  };
  return promql::RunTestScript(
      text, {.new_store = new_store, .delayed_name_removal = delayed_name_removal});
}

}  // namespace tidemark::testing
