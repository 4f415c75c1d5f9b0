#include "base/model/float_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tidemark {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(FloatFormatTest, PrintsTheShortestText) {
  struct Case {
    double value;
    std::string_view want;
  };
  constexpr Case kCases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {1, "1"},
      {0.1, "0.1"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {0x1p53, "9007199254740992"},
      {-0x1p64, "-18446744073709552000"},
      {123456789012345678.0, "123456789012345680"},
      {999999999999999868928.0, "999999999999999900000"},
      {1e-6, "0.000001"},
      {9.9e-7, "9.9e-07"},
      {kInf, "+Inf"},
      {-kInf, "-Inf"},
      {1234567.25, "1234567.25"},
      {5e-324, "5e-324"},
  };
  for (const Case& c : kCases) EXPECT_EQ(FormatFloat(c.value), c.want);
  EXPECT_EQ(FormatFloat(std::nan("")), "NaN");
}

TEST(FloatFormatTest, PrintsAsGoFormatsWithG) {
  struct Case {
    double value;
    std::string_view want, want_bound;
  };
  constexpr Case kCases[] = {
      {0, "0", "0.0"},          {-0.0, "-0", "0.0"},
      {1, "1", "1.0"},          {-2, "-2", "-2.0"},
      {0.25, "0.25", "0.25"},   {0.0001, "0.0001", "0.0001"},
      {1e-5, "1e-05", "1e-05"}, {123456, "123456", "123456.0"},
      {1e6, "1e+06", "1e+06"},  {kInf, "+Inf", "+Inf"},
      {-kInf, "-Inf", "-Inf"},  {1234567.5, "1.2345675e+06", "1.2345675e+06"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(FormatFloatG(c.value), c.want);
    EXPECT_EQ(FormatBound(c.value), c.want_bound);
  }
  EXPECT_EQ(FormatBound(std::nan("")), "NaN");
}

TEST(FloatFormatTest, ParsesAsGoDoes) {
  struct Case {
    std::string_view text;
    double want;
  };
  constexpr Case kCases[] = {
      {"1", 1},        {"+1.5e3", 1500},  {"-.5", -0.5},       {"5.", 5},
      {"Inf", kInf},   {"-inf", -kInf},   {"+Infinity", kInf}, {"0x1p-2", 0.25},
      {"1e400", kInf}, {"-1e400", -kInf}, {"1e-400", 0},       {"010", 10},
  };
  for (const Case& c : kCases) {
    const std::optional<double> got = ParseFloat(c.text);
    ASSERT_TRUE(got.has_value()) << c.text;
    EXPECT_EQ(*got, c.want) << c.text;
  }
  EXPECT_TRUE(std::isnan(*ParseFloat("NaN")));
  EXPECT_TRUE(std::isnan(*ParseFloat("nan")));
  for (std::string_view text :
       {"", "+", "--1", "1x", "0x10", "e5", "1_000", " 1", "1 ", "infx", "."}) {
    EXPECT_FALSE(ParseFloat(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tidemark
