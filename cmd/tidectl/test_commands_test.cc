#include "cmd/tidectl/test_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tidectl {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class TestCommandsTest : public ::testing::Test {
 protected:
  std::string Write(std::string_view name, std::string_view text) const {
    const std::string path = StrCat(directory_.path(), "/", name);
    std::ofstream(path) << text;
    return path;
  }

  const testing::TempDirectory directory_;
  std::ostringstream out_, err_;
  const Output output_{out_, err_};
};

TEST_F(TestCommandsTest, ScriptsSayWhatFailsAndWhere) {
  const std::string good =
      Write("good.test", "load 1m\n  up 1 2\n\neval instant at 1m up\n  up 2\n");
  const std::string bad =
      Write("bad.test", "eval instant at 0 1\n  2\n\neval instant at 0 2\n  2\n");
  const std::string wrong = Write("wrong.test", "nonsense\n");
  EXPECT_TRUE(TestPromql({good}, output_));
  EXPECT_EQ(out_.str(), StrCat(good, ": 1 of 1 passed\n"));
  EXPECT_EQ(err_.str(), "");
  out_.str("");
  EXPECT_FALSE(TestPromql({bad, good, wrong, "/nonexistent.test"}, output_));
  EXPECT_EQ(out_.str(), StrCat(bad, ": 1 of 2 passed\n", good, ": 1 of 1 passed\n"));
  EXPECT_THAT(err_.str(), StartsWith(StrCat(bad, ":1: 1\n    scalar 1\n", wrong,
                                            ": line 1: unknown command nonsense")));
  EXPECT_THAT(err_.str(), HasSubstr("/nonexistent.test"));
}

TEST_F(TestCommandsTest, RuleTestsPrintWhatPromtoolPrints) {
  Write("a.rules.yml", "groups: [{name: g, rules: [{record: a, expr: 'up + 1'}]}]\n");
  const std::string tests = Write("tests.yml", R"(rule_files: ['*.rules.yml', 'none.yml']
tests:
- name: right
  input_series: [{series: up, values: '1'}]
  promql_expr_test: [{expr: a, exp_samples: [{labels: a, value: 2}]}]
- name: wrong
  input_series: [{series: up, values: '1'}]
  promql_expr_test: [{expr: a, exp_samples: [{labels: a, value: 3}]}]
)");
  EXPECT_TRUE(TestRules(RuleTestFlags{.files = {tests}, .run = {"ri.ht", "none"}}, {}, output_));
  EXPECT_EQ(out_.str(), "  SUCCESS\n\n");
  EXPECT_EQ(err_.str(),
            StrCat("  WARNING: no file match pattern ", directory_.path(), "/none.yml\n"));
  out_.str("");
  EXPECT_FALSE(TestRules(RuleTestFlags{.files = {tests}}, {}, output_));
  EXPECT_EQ(out_.str(), "\n\n");
  EXPECT_THAT(err_.str(), HasSubstr("  FAILED:\n    expr: \"a\", time: 0s,\n"
                                    "        exp: {__name__=\"a\"} 3E+00\n"
                                    "        got: {__name__=\"a\"} 2E+00\n"));
  // As promtool writes it.
  const std::string junit = directory_.path() + "/junit.xml", none = "/nonexistent.yml";
  EXPECT_FALSE(TestRules(RuleTestFlags{.files = {tests, none}, .junit_file = junit}, {}, output_));
  EXPECT_THAT(
      *ReadFile(junit),
      MatchesRegex(
          StrCat("<testsuites><testsuite name=\"", tests,
                 "\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" timestamp=\"[-0-9T:]+\">"
                 "<testcase name=\"right\"></testcase><testcase name=\"wrong\"><failure>    expr: "
                 "&#34;a&#34;, time: 0s,&#xA;        exp: .__name__=&#34;a&#34;. 3E.00&#xA;"
                 "        got: .__name__=&#34;a&#34;. 2E.00</failure></testcase></testsuite>"
                 "<testsuite name=\"/nonexistent.yml\" tests=\"1\" failures=\"0\" errors=\"1\" "
                 "skipped=\"0\" timestamp=\"\"><testcase name=\"unknown\"><error>.*"
                 "/nonexistent.yml.*</error></testcase></testsuite></testsuites>")));
  EXPECT_FALSE(TestRules(RuleTestFlags{.files = {tests}, .junit_file = none + "/x"}, {}, output_));
  EXPECT_THAT(err_.str(), HasSubstr("--junit: "));
  EXPECT_FALSE(TestRules(RuleTestFlags{.files = {tests}, .run = {"("}}, {}, output_));
  EXPECT_THAT(err_.str(), HasSubstr("--run: "));
  EXPECT_FALSE(TestRules(RuleTestFlags{.files = {"/nonexistent.yml"}}, {}, output_));
}

}  // namespace
}  // namespace tidemark::tidectl
