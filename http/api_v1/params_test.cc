#include "http/api_v1/params.h"

#include "gtest/gtest.h"

#include "http/api_v1/name_escaping.h"

namespace tidemark::http {
namespace {

TEST(ParamsTest, ParsesTimes) {
  struct Case {
    std::string_view text;
    std::optional<TimestampMs> want;
  };
  constexpr Case kCases[] = {
      {"0", 0},
      {"1435781451.781", 1435781451781},
      {"1435781451.7814999", 1435781451781},
      {"-1.5", -1500},
      {"1.0005", 1000},
      {"1e3", 1'000'000},
      {"2015-07-01T20:10:51.781Z", 1435781451781},
      {"2015-07-01T22:10:51.781999+02:00", 1435781451781},
      {"1e300", kMaxApiTime},
      {"-Inf", kMinApiTime},
      {"-292273086-05-16T16:47:06Z", kMinApiTime},
      {"292277025-08-18T07:12:54.999999999Z", kMaxApiTime},
      {"", std::nullopt},
      {"now", std::nullopt},
      {"NaN", std::nullopt},
      {"infinite-future", std::nullopt},
      {"2015-07-01", std::nullopt},
      {"2015-07-01T20:10:51", std::nullopt},
      {"2015-13-01T20:10:51Z", std::nullopt},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<TimestampMs> time = ParseTime(c.text);
    EXPECT_EQ(time.ok(), c.want.has_value()) << c.text;
    if (time.ok() && c.want) {
      EXPECT_EQ(*time, *c.want) << c.text;
    }
  }
}

TEST(ParamsTest, ParsesDurations) {
  struct Case {
    std::string_view text;
    std::optional<DurationMs> want;
  };
  constexpr Case kCases[] = {
      {"15", 15'000},
      {"0.25", 250},
      {"1m30s", 90'000},
      {"-1", -1000},
      {"1e9", 1'000'000'000'000},
      {"1e10", std::nullopt},
      {"NaN", std::nullopt},
      {"", std::nullopt},
      {"1x", std::nullopt},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<DurationMs> duration = ParseApiDuration(c.text);
    EXPECT_EQ(duration.ok(), c.want.has_value()) << c.text;
    if (duration.ok() && c.want) {
      EXPECT_EQ(*duration, *c.want) << c.text;
    }
  }
}

TEST(NameEscapingTest, Unescapes) {
  struct Case {
    std::string_view text, want;
  };
  constexpr Case kCases[] = {
      {"plain_name", "plain_name"},
      {"U__a_2e_b__c", "a.b_c"},
      {"U__", ""},
      {"U___e9__1f600_", "\xc3\xa9\xf0\x9f\x98\x80"},
      {"U___20ac_", "\xe2\x82\xac"},
      {"U__a_xyz_", "U__a_xyz_"},
      {"U__a_2e", "U__a_2e"},
      {"U___d800_", "U___d800_"},
      {"U___110000_", "U___110000_"},
      {"U___1234567_", "U___1234567_"},
  };
  for (const Case& c : kCases) EXPECT_EQ(UnescapeName(c.text), c.want) << c.text;
}

}  // namespace
}  // namespace tidemark::http
