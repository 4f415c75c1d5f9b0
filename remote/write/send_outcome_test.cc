#include "remote/write/send_outcome.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tidemark::remote {
namespace {

TEST(SendOutcomeTest, RetryAfter) {
  struct Case {
    int status;
    std::string_view header;
    DurationMs want;
  };
  constexpr TimestampMs kNow = 1'700'000'000'000;  // Tue, 14 Nov 2023 22:13:20 GMT
  const Case cases[] = {
      {503, "", 0},
      {503, "5", 5 * kSecond},
      {429, "120", 2 * kMinute},
      {400, "5", 0},
      {503, "-5", 0},
      {503, "soon", 0},
      {503, "4000000000", kHour},
      {503, "99999999999999999999", 0},
      {503, "Tue, 14 Nov 2023 22:13:50 GMT", 30 * kSecond},
      {503, "Tue, 14 Nov 2023 22:13:00 GMT", 0},
      {503, "Tue, 14 Nov 2033 22:13:00 GMT", kHour},
  };
  for (const Case& c : cases) {
    HttpResponse response;
    response.status = c.status;
    if (!c.header.empty()) response.headers = {{"retry-after", std::string(c.header)}};
    EXPECT_EQ(JudgeAnswer(response, true, kNow).retry_after, c.want) << c.status << c.header;
  }
}

TEST(SendOutcomeTest, TheReasonIsTheFirstLine) {
  HttpResponse response;
  response.status = 400;
  response.body = "out of order sample\nmore";
  EXPECT_EQ(JudgeAnswer(response, true, 0).reason,
            "server returned HTTP status 400: out of order sample");
}

}  // namespace
}  // namespace tidemark::remote
