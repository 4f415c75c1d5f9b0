#include "scrape/loop/scrape_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

using ::testing::Contains;
using ::testing::Pair;

TEST(ScrapeRequestTest, AsksAsPrometheusDoes) {
  ScrapeConfig config;
  Target target;
  target.url = "http://h:1/metrics";
  target.timeout = 2500;
  HttpRequest request = ScrapeRequest(target, config);
  EXPECT_EQ(request.url, target.url);
  EXPECT_EQ(request.timeout, 2500);
  EXPECT_TRUE(request.accept_gzip);
  EXPECT_EQ(request.max_body_bytes, size_t{256} << 20);
  EXPECT_THAT(request.headers, Contains(Pair("X-Prometheus-Scrape-Timeout-Seconds", "2.5")));
  EXPECT_THAT(request.headers,
              Contains(Pair("Accept",
                            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                            "application/openmetrics-text;version=0.0.1;q=0.5,"
                            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                            "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")));

  config.enable_compression = false;
  config.body_size_limit = 100;
  request = ScrapeRequest(target, config);
  EXPECT_FALSE(request.accept_gzip);
  EXPECT_THAT(request.headers, Contains(Pair("Accept-Encoding", "identity")));
  EXPECT_EQ(request.max_body_bytes, 99u) << "a body of the limit's size is refused";
}

TEST(ScrapeRequestTest, OnlyStatus200HasAPage) {
  struct Case {
    int status;
    std::string_view error;
  };
  constexpr Case kCases[] = {
      {200, ""},
      {204, "server returned HTTP status 204 No Content"},
      {404, "server returned HTTP status 404 Not Found"},
      {500, "server returned HTTP status 500 Internal Server Error"},
      {799, "server returned HTTP status 799"},
  };
  for (const Case& c : kCases) {
    HttpResponse response;
    response.status = c.status;
    EXPECT_EQ(ToStd(CheckResponse(response).status().message()), c.error);
  }
  const absl::Status refused = absl::UnavailableError("connection refused");
  EXPECT_EQ(CheckResponse(refused).status(), refused);
}

}  // namespace
}  // namespace tidemark::scrape
