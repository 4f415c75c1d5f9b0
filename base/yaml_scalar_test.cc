#include "base/yaml_scalar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tidemark {
namespace {

TEST(YamlScalarTest, Bools) {
  for (std::string_view text : {"true", "True", "TRUE", "yes", "on", "y", "Y"}) {
    EXPECT_EQ(ParseYamlBool(text), true) << text;
  }
  for (std::string_view text : {"false", "False", "FALSE", "no", "off", "n", "N"}) {
    EXPECT_EQ(ParseYamlBool(text), false) << text;
  }
  for (std::string_view text : {"", "1", "tRue", "truee"}) {
    EXPECT_EQ(ParseYamlBool(text), std::nullopt) << text;
  }
}

TEST(YamlScalarTest, Ints) {
  struct Case {
    std::string_view text;
    std::optional<int64_t> want;
  };
  constexpr Case kCases[] = {
      {"0", 0},
      {"-12", -12},
      {"+7", 7},
      {"1_000", 1000},
      {"0x1F", 31},
      {"0o17", 15},
      {"017", 15},
      {"0b101", 5},
      {"1e3", 1000},
      {"2.0", 2},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"1.5", std::nullopt},
      {"", std::nullopt},
      {"-", std::nullopt},
      {"12a", std::nullopt},
      {"089", 89},  // not octal, but a whole decimal number
  };
  for (const Case& c : kCases) EXPECT_EQ(ParseYamlInt(c.text), c.want) << c.text;
}

TEST(YamlScalarTest, Doubles) {
  EXPECT_EQ(ParseYamlDouble("1.5"), 1.5);
  EXPECT_EQ(ParseYamlDouble("-2"), -2.0);
  EXPECT_EQ(ParseYamlDouble("1e-3"), 0.001);
  EXPECT_EQ(ParseYamlDouble("-.inf"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*ParseYamlDouble(".nan")));
  for (std::string_view text : {"", "inf", "nan", "1.5x", ".", "--1"}) {
    EXPECT_EQ(ParseYamlDouble(text), std::nullopt) << text;
  }
}

TEST(YamlScalarTest, ByteSizes) {
  struct Case {
    std::string_view text;
    std::optional<uint64_t> want;
  };
  constexpr Case kCases[] = {
      {"0", 0},
      {"0B", 0},
      {"512B", 512},
      {"1KB", 1024},
      {"1KiB", 1024},
      {"512MB", 512u << 20},
      {"1.5GB", 1536u << 20},
      {"1GB512MB", 1536u << 20},
      {"1EB", uint64_t{1} << 60},
      {"", std::nullopt},
      {"10", std::nullopt},
      {"10M", std::nullopt},
      {"10kb", std::nullopt},
      {"-1MB", std::nullopt},
      {"MB", std::nullopt},
      {"8EB", std::nullopt},
      {"1MBx", std::nullopt},
  };
  for (const Case& c : kCases) EXPECT_EQ(ParseByteSize(c.text), c.want) << c.text;
}

}  // namespace
}  // namespace tidemark
