#include "base/model/duration.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(DurationTest, ParsesAndPrints) {
  struct Case {
    std::string_view text;
    DurationMs want;
    std::string_view printed;
  };
  constexpr Case kCases[] = {
      {"0", 0, "0s"},
      {"0s", 0, "0s"},
      {"324ms", 324, "324ms"},
      {"3s", 3 * kSecond, "3s"},
      {"1h30m", 90 * kMinute, "1h30m"},
      {"4d1h", 4 * kDay + kHour, "4d1h"},
      {"14d", 14 * kDay, "2w"},
      {"8d", 8 * kDay, "8d"},
      {"3w", 21 * kDay, "3w"},
      {"3w2d1h", 23 * kDay + kHour, "23d1h"},
      {"10y", 3650 * kDay, "10y"},
      {"1s500ms", 1500, "1s500ms"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<DurationMs> got = ParseDuration(c.text);
    ASSERT_TRUE(got.ok()) << c.text << ": " << got.status();
    EXPECT_EQ(*got, c.want) << c.text;
    EXPECT_EQ(FormatDuration(*got), c.printed) << c.text;
  }
}

TEST(DurationTest, RefusesWhatPrometheusRefuses) {
  for (std::string_view text : {"", "1", "-1m", "1.5d", "d", "294y", "200y10400w", "1m1h", "1h1h",
                                "5 m", "1µs", "99999999999999999999s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(DurationTest, PrintsAsGoDoes) {
  EXPECT_EQ(GoDuration(0), "0s");
  EXPECT_EQ(GoDuration(20), "20ms");
  EXPECT_EQ(GoDuration(1500), "1.5s");
  EXPECT_EQ(GoDuration(60'000), "1m0s");
  EXPECT_EQ(GoDuration(-7'000'002), "-1h56m40.002s");
  EXPECT_EQ(GoDuration(48 * kHour), "48h0m0s");
}

}  // namespace
}  // namespace tidemark
