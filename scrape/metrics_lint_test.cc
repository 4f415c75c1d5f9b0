#include "scrape/metrics_lint.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

// A family of one sample, with a help text.
std::string Family(std::string_view name, std::string_view type, std::string_view sample = "") {
  return StrCat("# HELP ", name, " x\n# TYPE ", name, " ", type, "\n",
                sample.empty() ? name : sample, " 1\n");
}

// "name problem" a line, or the error.
std::string Lint(std::string_view page) {
  const absl::StatusOr<LintedPage> linted = LintMetrics(page);
  if (!linted.ok()) return std::string(ToStd(linted.status().message()));
  std::string text;
  for (const LintProblem& problem : linted->problems) {
    StrAppend(&text, text.empty() ? "" : "\n", problem.metric, " ", problem.text);
  }
  return text;
}

// What promtool 3.5 says of the same pages.
TEST(MetricsLintTest, FindsWhatPromtoolFinds) {
  struct Case {
    std::string page, want;
  };
  const Case kCases[] = {
      {"", ""},
      {Family("a_total", "counter"), ""},
      {Family("a", "histogram", "a_bucket{le=\"1\"}"), ""},
      {Family("a", "summary", "a{quantile=\"1\"}"), ""},
      {Family("a_total", "untyped"), ""},
      {"# TYPE a gauge\n", ""},
      {"a 1\n", "a no help text"},
      {Family("a", "counter"), "a counter metrics should have \"_total\" suffix"},
      {Family("a_total", "gauge"), "a_total non-counter metrics should not have \"_total\" suffix"},
      {Family("a_bucket", "gauge", "a_bucket{le=\"1\",quantile=\"1\"}"),
       "a_bucket non-histogram metrics should not have \"_bucket\" suffix\n"
       "a_bucket non-histogram metrics should not have \"le\" label\n"
       "a_bucket non-summary metrics should not have \"quantile\" label"},
      {Family("a_count", "gauge") + Family("a_sum", "counter"),
       "a_count non-histogram and non-summary metrics should not have \"_count\" suffix\n"
       "a_sum counter metrics should have \"_total\" suffix\n"
       "a_sum non-histogram and non-summary metrics should not have \"_sum\" suffix"},
      {Family("x_Gauge_y", "gauge") + Family("gauge_x", "gauge"),
       "x_Gauge_y metric name should not include type 'gauge'"},
      {Family("fooBar", "gauge", "fooBar{bazQux=\"1\"}"),
       "fooBar label names should be written in 'snake_case' not 'camelCase'\n"
       "fooBar metric names should be written in 'snake_case' not 'camelCase'"},
      {Family("a:b", "gauge"), "a:b metric names should not contain ':'"},
      {Family("x_milliseconds", "gauge") + Family("kibibits", "gauge") + Family("x_bytes", "gauge"),
       "kibibits use base unit \"bytes\" instead of \"kibibits\"\n"
       "x_milliseconds use base unit \"seconds\" instead of \"milliseconds\""},
      {Family("a_ms_x", "gauge") + Family("sec", "gauge"),
       "a_ms_x metric names should not contain abbreviated units"},
      {Family("a", "gauge") + "a 2\n", "a metric not unique"},
      {"# TYPE a gauge\na 1\n# TYPE a gauge\n",
       "second TYPE line for metric name \"a\", or TYPE reported after samples"},
      {"a{\n", "line 1: expected label name, got \"\" while parsing \"a{\""},
  };
  for (const Case& c : kCases) EXPECT_EQ(Lint(c.page), c.want) << c.page;
}

TEST(MetricsLintTest, JudgesOpenMetricsToo) {
  EXPECT_EQ(Lint("# HELP a x\n# TYPE a counter\na_total 1\na_created 5\n# EOF\n"), "");
  EXPECT_EQ(Lint("# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n# EOF\n"),
            "a_seconds no help text");
  EXPECT_EQ(Lint("# TYPE a counter\na 1\n# EOF\n").substr(0, 6), "line 2") << "not the standard's";
}

TEST(MetricsLintTest, CountsSeries) {
  const auto linted = LintMetrics(
      "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"
      "a{b=\"1\"} 1\na{b=\"2\"} 1\n");
  ASSERT_TRUE(linted.ok());
  ASSERT_EQ(linted->families.size(), 2u);
  EXPECT_EQ(linted->families[0].name, "a");
  EXPECT_EQ(linted->families[0].num_series, 2u);
  EXPECT_EQ(linted->families[1].num_series, 4u);
}

}  // namespace
}  // namespace tidemark::scrape
