#include "http/pages/pages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "http/instrumentation.h"

namespace tidemark::http {
namespace {

using ::testing::HasSubstr;

TEST(PagesTest, ProbesSpeakAsPrometheusDoes) {
  std::atomic<bool> ready = false;
  EXPECT_EQ(HealthyProbe()({}).body, "Prometheus Server is Healthy.\n");
  EXPECT_EQ(ReadyProbe(ready)({}).status, 503);
  EXPECT_EQ(ReadyProbe(ready)({}).body, "Service Unavailable");
  ready = true;
  EXPECT_EQ(ReadyProbe(ready)({}).status, 200);
  EXPECT_EQ(ReadyProbe(ready)({}).body, "Prometheus Server is Ready.\n");
}

TEST(PagesTest, ReloadTellsWhatWentWrong) {
  absl::Status outcome = absl::OkStatus();
  const Handler reload = ReloadHandler(true, [&] { return outcome; });
  EXPECT_EQ(reload({}).status, 200);
  outcome = absl::InvalidArgumentError("a.yml:3: unknown field");
  EXPECT_EQ(reload({}).status, 500);
  EXPECT_EQ(reload({}).body, "failed to reload config: a.yml:3: unknown field\n");
}

TEST(PagesTest, QuitAsksOnce) {
  int asked = 0;
  const Response response = QuitHandler(true, [&] { ++asked; })({});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "Requesting termination... Goodbye!");
  EXPECT_EQ(asked, 1);
}

TEST(PagesTest, LifecycleIsOffUnlessEnabled) {
  bool called = false;
  const auto call = [&] { called = true; };
  const auto reload = [&] { return called = true, absl::OkStatus(); };
  for (const Handler& handler : {QuitHandler(false, call), ReloadHandler(false, reload)}) {
    EXPECT_EQ(handler({}).status, 403);
    EXPECT_EQ(handler({}).body, "Lifecycle API is not enabled.");
  }
  EXPECT_FALSE(called);
  EXPECT_EQ(WrongLifecycleMethod()({}).status, 405);
  EXPECT_EQ(WrongLifecycleMethod()({}).body, "Only POST or PUT requests allowed");
}

TEST(PagesTest, MetricsCountTheirOwnRequests) {
  MetricRegistry metrics;
  const Handler page = Instrumented("/metrics", MetricsPage(metrics), metrics);
  EXPECT_THAT(page({}).body,
              HasSubstr("prometheus_http_requests_total{code=\"200\",handler=\"/metrics\"} 0"));
  const Response second = page({});
  EXPECT_EQ(second.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(second.body,
              HasSubstr("prometheus_http_requests_total{code=\"200\",handler=\"/metrics\"} 1"));
  EXPECT_THAT(second.body, HasSubstr("prometheus_http_request_duration_seconds_count"
                                     "{handler=\"/metrics\"} 1"));
}

TEST(PagesTest, LandingPageAndVersion) {
  EXPECT_THAT(LandingPage()({}).body, HasSubstr("<h1>Tidemark</h1>"));
  EXPECT_EQ(LandingPage()({}).content_type, "text/html; charset=utf-8");
  EXPECT_THAT(VersionPage()({}).body, HasSubstr("\"version\":\"3."));
}

}  // namespace
}  // namespace tidemark::http
