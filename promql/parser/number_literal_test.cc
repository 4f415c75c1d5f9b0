#include "promql/parser/number_literal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tidemark::promql {
namespace {

TEST(ParseNumberLiteralTest, ReadsEveryForm) {
  struct Case {
    std::string_view text;
    double want;
  };
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr Case kCases[] = {
      {"0", 0},
      {"12", 12},
      {"010", 8},
      {"0_7", 7},
      {"08", 8},
      {"0x1F", 31},
      {"0X_1f", 31},
      {"1_000", 1000},
      {"1_0.5", 10.5},
      {".5", .5},
      {"5.", 5},
      {"5.e1", 50},
      {"1e3", 1000},
      {"1.5E-2", 0.015},
      {"Inf", kInf},
      {"inf", kInf},
      {"1e-400", 0},
      {"9223372036854775807", 9223372036854775807.0},
      {"09223372036854775808", 9223372036854775808.0},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<double> value = ParseNumberLiteral(c.text);
    ASSERT_TRUE(value.ok()) << c.text << ": " << value.status();
    EXPECT_EQ(*value, c.want) << c.text;
  }
  EXPECT_TRUE(std::isnan(*ParseNumberLiteral("NaN")));
}

TEST(ParseNumberLiteralTest, RefusesWhatNoDoubleHolds) {
  EXPECT_EQ(std::string(ParseNumberLiteral("1e400").status().message()),
            "error parsing number: strconv.ParseFloat: parsing \"1e400\": value out of range");
  EXPECT_EQ(std::string(ParseNumberLiteral("0x").status().message()),
            "error parsing number: strconv.ParseFloat: parsing \"0x\": invalid syntax");
}

TEST(ParseDurationLiteralTest, GivesSeconds) {
  EXPECT_EQ(*ParseDurationLiteral("1h30m"), 5400);
  EXPECT_EQ(*ParseDurationLiteral("5ms"), 0.005);
  EXPECT_EQ(std::string(ParseDurationLiteral("5m1h").status().message()),
            "not a valid duration string: \"5m1h\"");
  EXPECT_EQ(std::string(ParseDurationLiteral("9999999y").status().message()),
            "duration out of range");
}

TEST(WhyBadNumberTest, ShowsWhatWasReadBeforeItWentWrong) {
  struct Case {
    std::string_view text, want;
  };
  constexpr Case kCases[] = {
      {"5x", "bad number or duration syntax: \"5\""},
      {"1e", "bad number or duration syntax: \"1e\""},
      {"1__0", "bad number or duration syntax: \"1__\""},
      {"1_", "bad number or duration syntax: \"1_\""},
      {"1..2", "bad number or duration syntax: \"1..\""},
      {"5.5.5", "bad number or duration syntax: \"5.5.\""},
      {"1e+", "bad number or duration syntax: \"1e+\""},
      {"0x1g", "bad number or duration syntax: \"0x1\""},
      {"5m30", "bad number or duration syntax: \"5m30\""},
      {"1.5m", "unknown unit \".\" in duration \"1.5m\""},
  };
  for (const Case& c : kCases) EXPECT_EQ(WhyBadNumber(c.text), c.want) << c.text;
}

}  // namespace
}  // namespace tidemark::promql
