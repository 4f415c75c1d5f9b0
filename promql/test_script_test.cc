#include "promql/test_script.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/strings.h"
#include "tests/testing/memory_store.h"

namespace tidemark::promql {
namespace {

absl::StatusOr<ScriptReport> RunScript(std::string_view script) {
  const auto new_store = []() -> absl::StatusOr<TestStore> {
    const auto store = std::make_shared<testing::MemoryStore>();
    return TestStore{store, store};
  };
  return RunTestScript(script, {.new_store = new_store});
}

TEST(TestScriptTest, SaysWhatIsWrong) {
  struct Case {
    std::string_view name, script, want;  // want: a part of the reason, empty where it passes
  };
  const Case kCases[] = {
      {"right", "eval instant at 1m up\n  up{a=\"1\"} 2\n", ""},
      {"at is 0 where it is left out", "eval instant up\n  up{a=\"1\"} 1\n", ""},
      {"value", "eval instant at 1m up\n  up{a=\"1\"} 3\n", "up{a=\"1\"} 2 instead of 3"},
      {"labels", "eval instant at 1m up\n  up{a=\"2\"} 2\n", "no sample up{a=\"2\"}"},
      {"number", "eval instant at 1m up\n", "1 samples instead of 0"},
      {"scalar", "eval instant at 1m 1\n  2\n", "scalar 1"},
      {"range", "eval range from 0 to 1m step 1m up\n  up{a=\"1\"} 1 3\n",
       "2 instead of 3 at 60000"},
      {"failed", "eval instant at 1m up * on(a) group_left() (up or up)\n", "samples instead of"},
      {"parse error", "eval instant at 1m sum(\n", "1:5: parse error: unclosed left parenthesis"},
      {"wanted error", "eval instant at 1m sum(\n  expect fail msg:other\n", "another error: 1:5"},
      {"no error", "eval instant at 1m 1\n  expect fail\n", "did not fail"},
      {"warning", "eval instant at 1m quantile(2, up)\n  expect no_warn\n  {} +Inf\n",
       "unwanted warning"},
  };
  for (const Case& c : kCases) {
    const auto report = RunScript(StrCat("load 1m\n  up{a=\"1\"} 1 2\n\n", c.script));
    ASSERT_TRUE(report.ok()) << c.name << ": " << report.status();
    ASSERT_EQ(report->cases.size(), 1u) << c.name;
    const ScriptCase& result = report->cases[0];
    EXPECT_EQ(result.line, 4u) << c.name;
    EXPECT_EQ(result.outcome == ScriptOutcome::kPassed, c.want.empty())
        << c.name << ": " << result.reason;
    EXPECT_NE(result.reason.find(c.want), std::string::npos) << c.name << ": " << result.reason;
  }
}

TEST(TestScriptTest, ClearForgetsEverything) {
  const auto report = RunScript("load 1m\n  up 1\n\nclear\n\neval instant at 0 up\n");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->Count(ScriptOutcome::kPassed), 1u);
}

TEST(TestScriptTest, RefusesWhatIsNoScript) {
  struct Case {
    std::string_view script, want;
  };
  constexpr Case kCases[] = {
      {"lode 1m\n", "line 1: unknown command lode: lode 1m"},
      {"eval_foo instant at 0 1\n", "line 1: unknown command eval_foo"},
      {"\neval later at 0 1\n", "line 2: neither instant nor range but later"},
      {"eval instant at 0\n", "line 1: no query"},
      {"eval instant at 1e300 1\n", "line 1: a time beyond a thousand years: 1e300"},
      {"eval instant at NaN 1\n", "a time beyond a thousand years"},
      {"eval range from 1 to 0 step 1 up\n", "the end is before the start"},
      {"eval range from 0 to 1 step 0 up\n", "the step is not above zero"},
      {"eval range from 0 to 290y step 1 up\n", "more than 1000000 steps"},
      {"load 0\n  up 1\n", "the interval is not above zero"},
      {"load 1m\n  up 0x18446744073709551615\n", "line 2: more than 10000000 points"},
      {"load 1m\n  up _x9000000 _x9000000\n", "line 2: more than 10000000 points"},
      {"load 1m\n  up one\n", "line 2: not a number: one"},
      {"load 1m\n  up{a=\"\n", "line 2: unterminated string"},
      {"clear\nup 1\n", "line 2: unknown command up"},
      {"eval instant at 0 up\n  expect weather\n", "line 2: unknown expectation weather"},
      {"load 1m\n  up 1\n\nload 1m\n  up 2\n",
       "line 4: duplicate sample for timestamp: up at 0 ms"},
  };
  for (const Case& c : kCases) {
    const auto report = RunScript(c.script);
    ASSERT_FALSE(report.ok()) << c.script;
    EXPECT_NE(report.status().message().find(ToAbsl(c.want)), absl::string_view::npos)
        << report.status();
  }
}

}  // namespace
}  // namespace tidemark::promql
