#include "alerting/receivers/webhook.h"

#include <gtest/gtest.h>

#include "alerting/receivers/fingerprint.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

Notification MakeAlert(std::string_view job, bool resolved) {
  Notification alert;
  alert.labels = LabelSet{{"alertname", "Down"}, {"job", job}, {"severity", "page"}};
  alert.annotations = LabelSet{{"runbook", "r"}, {"summary", job}};
  alert.starts_at = 1000;
  alert.ends_at = 61'000;
  alert.resolved = resolved;
  alert.generator_url = "http://t/graph";
  return alert;
}

std::string AlertJson(const Notification& alert, std::string_view status,
                      std::string_view ends_at) {
  const std::string_view job = alert.labels.Get("job");
  return StrCat(R"({"status":")", status, R"(","labels":{"alertname":"Down","job":")", job,
                R"(","severity":"page"},"annotations":{"runbook":"r","summary":")", job,
                R"("},"startsAt":"1970-01-01T00:00:01Z","endsAt":")", ends_at,
                R"(","generatorURL":"http://t/graph","fingerprint":")",
                AlertFingerprint(alert.labels), R"("})");
}

TEST(WebhookTest, MessageIsAlertmanagersVersion4) {
  WebhookConfig config;
  config.url = "http://hook/path";
  const Webhook webhook(config, "http://tidemark:9090", std::make_shared<NotificationLog>());
  const Notification firing = MakeAlert("a", false), resolved = MakeAlert("b", true);

  const Notification both[] = {firing, resolved};
  HttpRequest request = webhook.Message(both);
  EXPECT_EQ(request.url, "http://hook/path");
  EXPECT_EQ(request.body, StrCat(R"({"receiver":"webhook","status":"firing","alerts":[)",
                                 AlertJson(firing, "firing", "0001-01-01T00:00:00Z"), ",",
                                 AlertJson(resolved, "resolved", "1970-01-01T00:01:01Z"),
                                 R"(],"groupLabels":{"alertname":"Down"},)",
                                 R"("commonLabels":{"alertname":"Down","severity":"page"},)",
                                 R"("commonAnnotations":{"runbook":"r"},)",
                                 R"("externalURL":"http://tidemark:9090","version":"4",)",
                                 R"("groupKey":"{}:{alertname=\"Down\"}","truncatedAlerts":0})"));

  request = webhook.Message({&resolved, 1});
  EXPECT_TRUE(request.body.starts_with(R"({"receiver":"webhook","status":"resolved",)"))
      << request.body;
}

TEST(WebhookTest, ResolvedAlertsOnlyWhereAskedFor) {
  WebhookConfig config;
  const Notification resolved = MakeAlert("a", true);
  EXPECT_TRUE(Webhook(config, "", std::make_shared<NotificationLog>()).Wants(resolved, 0));
  config.send_resolved = false;
  EXPECT_FALSE(Webhook(config, "", std::make_shared<NotificationLog>()).Wants(resolved, 0));
}

TEST(NotificationLogTest, WhatIsNews) {
  const auto alert = [](TimestampMs starts_at, bool resolved) {
    Notification a = MakeAlert("a", resolved);
    a.starts_at = starts_at;
    return a;
  };
  struct Case {
    std::string_view name;
    Notification told;  // at 0
    Notification alert;
    TimestampMs now;
    bool want;
  };
  const Case kCases[] = {
      {"still fires", alert(5, false), alert(5, false), 4 * kHour - 1, false},
      {"still fires after the repeat interval", alert(5, false), alert(5, false), 4 * kHour, true},
      {"resolved", alert(5, false), alert(5, true), 1, true},
      {"resolved, again", alert(5, true), alert(5, true), 5 * kHour, false},
      {"fires, but was told to be resolved", alert(5, true), alert(5, false), 1, false},
      {"fires anew", alert(5, true), alert(6, false), 1, true},
      {"fires anew without having been resolved", alert(5, false), alert(6, false), 1, true},
      {"an end of an earlier start", alert(6, false), alert(5, true), 1, false},
  };
  for (const Case& c : kCases) {
    NotificationLog log;
    EXPECT_TRUE(log.IsNews(c.told, 0)) << c.name;
    log.Add(c.told, 0);
    EXPECT_EQ(log.IsNews(c.alert, c.now), c.want) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::alerting
