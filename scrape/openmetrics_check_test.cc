#include "scrape/openmetrics_check.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

TEST(OpenMetricsCheckTest, NamesTheFault) {
  struct Case {
    std::string_view page, error;  // without the end of the page; empty: none
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"a 1\n", ""},
      {"# TYPE a counter\na_total 1 # {b=\"c\"} 1\na_created 5\n", ""},
      {"# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_count 2\n", ""},
      {"# TYPE g gaugehistogram\ng_bucket{le=\"-1\"} 1\ng_bucket{le=\"+Inf\"} 1\ng_gcount 1\n"
       "g_gsum -2\n",
       ""},
      {"# TYPE s stateset\ns{s=\"a\",x=\"y\"} 1\ns{s=\"b\",x=\"y\"} 0\n", ""},
      {"# TYPE a gauge\na 1 1\na 2 1.0000001\na 2 2\n", ""},
      {"a 1 x\n", "line 1: invalid float"},
      {"a 1\n# TYPE a gauge\n", "line 2: HELP, TYPE and UNIT stand before the samples"},
      {"# TYPE a gauge\n# HELP a b\n# TYPE a gauge\n", "line 3: said of this family before"},
      {"# UNIT a_s s\n# TYPE a_s info\n", "line 2: info has no unit"},
      {"a 1\nb 1\na{c=\"d\"} 1\n", "line 3: family \"a\" is in pieces"},
      {"# TYPE a counter\na_total 1\n# TYPE a_total gauge\n",
       "line 3: family \"a_total\" has the name of a sample"},
      {"a_total 1\n# TYPE a counter\na_total 1\n",
       "line 3: samples of \"a\" have the name of another family"},
      {"a{b=\"c\",} 1\n", "line 1: comma behind the last label"},
      {"# TYPE a counter\na_total -1\n", "line 2: value is negative or NaN"},
      {"# TYPE a info\na_info 2\n", "line 2: the value of an info is 1"},
      {"# TYPE a stateset\na{a=\"b\"} 2\n", "line 2: the value of a state is 0 or 1"},
      {"# TYPE a stateset\na 1\n", "line 2: the label of the state is missing"},
      {"# TYPE a summary\na{quantile=\"2\"} 1\n", "line 2: quantile not in 0 to 1"},
      {"# TYPE a gauge\na 1 # {} 1\n", "line 2: such a sample has no exemplar"},
      {"a 1\na 2\n", "line 2: series is there twice"},
      {"a{b=\"1\"} 1\na{b=\"2\"} 1\na{b=\"1\"} 1\n", "line 3: samples of a metric are apart"},
      {"a 1 2\na 1\n", "line 2: samples of a metric with a timestamp and without one"},
      {"a 1 2\na 1 1\n", "line 2: timestamps go backwards"},
      {"# TYPE h histogram\nh_bucket 1\n", "line 2: bucket without a bound"},
      {"# TYPE h histogram\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\n",
       "line 3: buckets not in order"},
      {"# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 1\n",
       "line 3: buckets are not cumulative"},
      {"# TYPE h histogram\nh_bucket{le=\"inf\"} 2\n", "line 2: histogram without a bucket of le"},
      {"# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_count 1\n",
       "line 3: count and the +Inf bucket differ"},
      {"# TYPE h histogram\nh_bucket{le=\"-1\"} 0\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\n",
       "line 4: histogram with negative buckets has no sum"},
      {"# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 2\ng_gcount 2\n",
       "line 3: gauge histogram with only one of"},
  };
  for (const Case& c : kCases) {
    const absl::Status status = CheckOpenMetrics(StrCat(c.page, "# EOF\n"));
    EXPECT_EQ(status.ok(), c.error.empty()) << c.page << status;
    EXPECT_TRUE(ToStd(status.message()).starts_with(c.error)) << c.page << status;
  }
}

TEST(OpenMetricsCheckTest, LengthOfExemplars) {
  const auto check = [](std::string_view letter, int times) {
    std::string value;
    for (int i = 0; i < times; ++i) value += letter;
    return CheckOpenMetrics(StrCat("# TYPE a counter\na_total 1 # {b=\"", value, "\"} 1\n# EOF\n"));
  };
  EXPECT_TRUE(check("x", 127).ok());
  EXPECT_TRUE(check("\xe2\x98\x83", 127).ok()) << "characters count, not bytes";
  EXPECT_FALSE(check("x", 128).ok());
}

}  // namespace
}  // namespace tidemark::scrape
