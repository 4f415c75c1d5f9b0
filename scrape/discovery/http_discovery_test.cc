#include "scrape/discovery/http_discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/loopback_http_server.h"
#include "tests/testing/running_discovery.h"

namespace tidemark::scrape {
namespace {

using ::testing::HasSubstr;
using testing::LoopbackHttpServer;
using testing::LoopbackReply;
using testing::LoopbackRequest;

class HttpDiscoveryTest : public ::testing::Test {
 protected:
  HttpDiscovery Config(const LoopbackHttpServer& server) {
    HttpDiscovery config;
    config.url = server.Url("/sd?x=1");
    return config;
  }
  // Moves the clock until that many requests have come.
  void AdvanceUntil(const LoopbackHttpServer& server, size_t requests, DurationMs interval) {
    while (server.requests().size() < requests) {
      clock_.Advance(interval);
      std::this_thread::yield();
    }
  }

  HttpClient http_;
  FakeClock clock_{1'000'000};
  MetricRegistry metrics_;
};

LoopbackReply Json(std::string body, std::string type = "application/json") {
  return {.status = 200, .body = std::move(body), .headers = {{"Content-Type", std::move(type)}}};
}

TEST_F(HttpDiscoveryTest, AsksEveryInterval) {
  std::atomic<int> count = 0;
  LoopbackHttpServer server([&](const LoopbackRequest&) {
    return Json(StrCat(R"([{"targets":["a:)", ++count, R"("],"labels":{"x":"1"}}])"));
  });
  HttpDiscovery config = Config(server);
  config.refresh_interval = 1500;
  config.http.username = "me";
  testing::RunningDiscovery run(config, http_, clock_, metrics_);
  const auto found = [&](int n) {
    return StrCat(config.url, " a:", n, " {__meta_url=\"", config.url, "\", x=\"1\"}; ");
  };
  run.WaitFor(found(1));
  AdvanceUntil(server, 2, config.refresh_interval);
  run.WaitFor(found(2));
  const LoopbackRequest request = server.requests().at(0);
  EXPECT_EQ(request.target, "/sd?x=1");
  EXPECT_EQ(request.headers.at("accept"), "application/json");
  EXPECT_EQ(request.headers.at("x-prometheus-refresh-interval-seconds"), "1.5");
  EXPECT_EQ(request.headers.at("authorization"), "Basic bWU6");
  EXPECT_THAT(metrics_.Expose(), HasSubstr("prometheus_sd_http_failures_total 0\n"));
}

TEST_F(HttpDiscoveryTest, CountsWhatIsNoListAndGoesOn) {
  struct Case {
    std::string_view name;
    LoopbackReply reply;
    bool good;
  };
  const std::string list = R"([{"targets":["a:1"]}])";
  const Case cases[] = {
      {"charset", Json(list, "application/json; charset=utf-8"), true},
      {"quoted charset in capitals", Json(list, "Application/JSON;charset=\"UTF-8\""), true},
      {"another charset", Json(list, "application/json; charset=latin1"), false},
      {"another type", Json(list, "text/json"), false},
      {"longer type", Json(list, "application/jsonp"), false},
      {"no type", {.status = 200, .body = list}, false},
      {"another status", {.status = 201, .body = list}, false},
      {"not JSON", Json("[{"), false},
      {"not a list of groups", Json("{}"), false},
      {"closed connection", {.body = "", .manner = LoopbackReply::Manner::kClose}, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    MetricRegistry metrics;
    std::atomic<int> count = 0;
    LoopbackHttpServer server(
        [&](const LoopbackRequest&) { return ++count == 1 ? c.reply : Json("[]"); });
    const HttpDiscovery config = Config(server);
    testing::RunningDiscovery run(config, http_, clock_, metrics);
    if (c.good) {
      run.WaitFor(StrCat(config.url, " a:1 {__meta_url=\"", config.url, "\"}; "));
    } else {
      AdvanceUntil(server, 2, config.refresh_interval);
      run.WaitFor(StrCat(config.url, " gone; "));
    }
    const int failures = c.good ? 0 : 1;
    EXPECT_THAT(metrics.Expose(),
                HasSubstr(StrCat("prometheus_sd_http_failures_total ", failures, "\n")));
    EXPECT_THAT(metrics.Expose(), HasSubstr(StrCat("prometheus_sd_refresh_failures_total"
                                                   "{config=\"job\",mechanism=\"http\"} ",
                                                   failures, "\n")));
  }
}

TEST_F(HttpDiscoveryTest, StopsWhileAServerHangs) {
  LoopbackHttpServer server([](const LoopbackRequest&) {
    return LoopbackReply{.body = "", .manner = LoopbackReply::Manner::kNoReply};
  });
  const HttpDiscovery config = Config(server);
  testing::RunningDiscovery run(config, http_, clock_, metrics_);
  server.WaitForRequests(1);  // the end of the test is the end of the run
}

}  // namespace
}  // namespace tidemark::scrape
