#include "cmd/tidectl/tsdb_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace tidemark::tidectl {
namespace {

TEST(TsdbTextTest, TimesAndSizes) {
  EXPECT_EQ(GoTime(1'795'219'200'000), "2026-11-21 00:00:00 +0000 UTC");
  EXPECT_EQ(GoByteSize(0), "0B");
  EXPECT_EQ(GoByteSize(59'891), "58KiB499B");
  EXPECT_EQ(GoByteSize(uint64_t{3} << 30), "3GiB");
}

TEST(TsdbTextTest, Floats) {
  const std::pair<double, const char*> kCases[] = {
      {1e6, "1e+06"},
      {123456789, "1.23456789e+08"},
      {999999, "999999"},
      {0.0001, "0.0001"},
      {1e-5, "1e-05"},
      {100000.5, "100000.5"},
      {-0.0, "-0"},
      {5e-324, "5e-324"},
      {-1e300, "-1e+300"},
      {0.1, "0.1"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"}};
  for (const auto& [value, want] : kCases) EXPECT_EQ(GoFloat(value), want);
}

TEST(TsdbTextTest, Tables) {
  EXPECT_EQ(FormatTable({{"A", "LONG"}, {"bcd", "e"}}), "A    LONG\nbcd  e\n");
}

}  // namespace
}  // namespace tidemark::tidectl
