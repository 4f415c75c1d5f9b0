#include "cmd/tidectl/check_metrics.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tidemark::tidectl {
namespace {

TEST(CheckMetricsTest, PrintsAsPromtool) {
  struct Case {
    std::string_view page;
    CheckMetricsFlags flags;
    MetricsVerdict want;
    std::string_view want_out, want_err;
  };
  constexpr std::string_view kGoodPage =
      "# HELP a_total x\n# TYPE a_total counter\na_total{b=\"1\"} 1\na_total{b=\"2\"} 1\n"
      "# HELP b x\n# TYPE b gauge\nb 1\n";
  constexpr Case kCases[] = {
      {kGoodPage, {}, MetricsVerdict::kGood, "", ""},
      {kGoodPage,
       {.extended = true},
       MetricsVerdict::kGood,
       "Metric     Cardinality    Percentage    \n"
       "a_total    2              66.67%        \n"
       "b          1              33.33%        \n"
       "Total      3              100%          \n",
       ""},
      {"a 1\n", {}, MetricsVerdict::kAgainstConventions, "", "a no help text\n"},
      {"a 1\n", {.lint = false}, MetricsVerdict::kGood, "", ""},
      {"a\n",
       {},
       MetricsVerdict::kUnreadable,
       "",
       "error while linting: line 1: expected value after metric, got \"\" while parsing \"a\"\n"},
  };
  for (const Case& c : kCases) {
    std::ostringstream out, err;
    EXPECT_EQ(CheckMetrics(c.page, c.flags, {out, err}), c.want) << c.page;
    EXPECT_EQ(out.str(), c.want_out) << c.page;
    EXPECT_EQ(err.str(), c.want_err) << c.page;
  }
}

}  // namespace
}  // namespace tidemark::tidectl
