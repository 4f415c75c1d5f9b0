#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/golden_runner.h"

// Runs our own query scripts, tests/golden/promql/*.test, from the repository's root: each with
// metric names removed at once and at the end of the query, which these scripts must not tell
// apart.
namespace tidemark::testing {
namespace {

using promql::ScriptCase;
using promql::ScriptOutcome;

const char kScripts[] = "tests/golden/promql";

std::vector<std::string> ScriptNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kScripts)) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class PromqlGoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PromqlGoldenTest, GivesWhatTheScriptSays) {
  const std::string path = StrCat(kScripts, "/", GetParam(), ".test");
  const auto script = ReadFile(path);
  ASSERT_TRUE(script.ok()) << script.status();
  for (const bool delayed : {false, true}) {
    const auto report = RunGoldenScript(*script, delayed);
    ASSERT_TRUE(report.ok()) << path << ": " << report.status();
    EXPECT_FALSE(report->cases.empty());
    for (const ScriptCase& c : report->cases) {
      EXPECT_EQ(c.outcome, ScriptOutcome::kPassed)
          << path << ":" << c.line << ": " << c.query << "\n  " << c.reason
          << (delayed ? "\n  with delayed name removal" : "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, PromqlGoldenTest, ::testing::ValuesIn(ScriptNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace tidemark::testing
