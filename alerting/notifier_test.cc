#include "alerting/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "base/strings.h"
#include "tests/testing/loopback_http_server.h"

namespace tidemark::alerting {
namespace {

using ::testing::HasSubstr;
using testing::LoopbackHttpServer;
using testing::LoopbackReply;
using testing::LoopbackRequest;

Notification MakeAlert(std::string_view name) {
  Notification alert;
  alert.labels = LabelSet{{"alertname", name}, {"region", "own"}};
  alert.starts_at = Clock::Real().Now();
  alert.ends_at = alert.starts_at + kHour;
  return alert;
}

RelabelRule DropAlert(std::string_view name) {
  RelabelRule rule;
  rule.action = RelabelAction::kDrop;
  rule.source_labels = {"alertname"};
  rule.regex = *AnchoredRegex::Create(name);
  return rule;
}

class NotificationSenderTest : public ::testing::Test {
 protected:
  void Send(std::initializer_list<Notification> alerts) {
    sender_.Send({alerts.begin(), alerts.size()});
  }
  NotifierConfig WithAlertmanager(const LoopbackHttpServer& server) {
    NotifierConfig config;
    config.alertmanagers.emplace_back().url = server.Url("");
    return config;
  }

  MetricRegistry metrics_;
  HttpClient client_;
  NotificationSender sender_{client_, Clock::Real(), metrics_};
};

TEST_F(NotificationSenderTest, EveryReceiverGetsItsOwnAlerts) {
  LoopbackHttpServer first([](const LoopbackRequest&) { return LoopbackReply(); });
  LoopbackHttpServer second([](const LoopbackRequest&) { return LoopbackReply(); });
  LoopbackHttpServer hook([](const LoopbackRequest&) { return LoopbackReply(); });
  NotifierConfig config = WithAlertmanager(first);
  config.alertmanagers.emplace_back().url = second.Url("/am");
  config.alertmanagers[1].alert_relabel_rules = {DropAlert("B")};
  config.webhooks.emplace_back().url = hook.Url("/hook");
  config.alert_relabel_rules = {DropAlert("C")};
  config.external_labels = LabelSet{{"region", "eu"}, {"replica", "1"}};
  sender_.ApplyConfig(config);
  EXPECT_EQ(
      sender_.AlertmanagerUrls(),
      (std::vector<std::string>{first.Url("/api/v2/alerts"), second.Url("/am/api/v2/alerts")}));

  Send({MakeAlert("A"), MakeAlert("B"), MakeAlert("C")});
  first.WaitForRequests(1);
  second.WaitForRequests(1);
  hook.WaitForRequests(2);  // one for each alertname
  const std::string body = first.requests()[0].body;
  EXPECT_EQ(first.requests()[0].target, "/api/v2/alerts");
  EXPECT_THAT(body, HasSubstr(R"("labels":{"alertname":"A","region":"own","replica":"1"})"));
  EXPECT_THAT(body, HasSubstr(R"("alertname":"B")"));
  EXPECT_THAT(body, ::testing::Not(HasSubstr(R"("alertname":"C")")));
  EXPECT_EQ(second.requests()[0].target, "/am/api/v2/alerts");
  EXPECT_THAT(second.requests()[0].body, ::testing::Not(HasSubstr(R"("alertname":"B")")));
  EXPECT_EQ(hook.requests()[0].target, "/hook");
  EXPECT_THAT(hook.requests()[0].body, HasSubstr(R"("version":"4")"));
}

TEST_F(NotificationSenderTest, AHangingReceiverDelaysNoOther) {
  LoopbackHttpServer hanging([](const LoopbackRequest&) {
    LoopbackReply reply;
    reply.manner = LoopbackReply::Manner::kNoReply;
    return reply;
  });
  LoopbackHttpServer well([](const LoopbackRequest&) { return LoopbackReply(); });
  NotifierConfig config = WithAlertmanager(hanging);
  config.alertmanagers.emplace_back().url = well.Url("");
  sender_.ApplyConfig(config);
  Send({MakeAlert("A")});
  well.WaitForRequests(1);
  hanging.WaitForRequests(1);
  Send({MakeAlert("B")});
  well.WaitForRequests(2);
  EXPECT_EQ(hanging.requests().size(), 1u);
}

TEST_F(NotificationSenderTest, AWebhookIsToldOnceAlsoAfterAReload) {
  LoopbackHttpServer hook([](const LoopbackRequest&) { return LoopbackReply(); });
  NotifierConfig config;
  config.webhooks.emplace_back().url = hook.Url("/secret");
  sender_.ApplyConfig(config);
  Notification alert = MakeAlert("A");
  Send({alert});
  hook.WaitForRequests(1);
  sender_.ApplyConfig(config);
  Send({alert});
  alert.resolved = true;
  alert.ends_at = alert.starts_at + 1;
  Send({alert, MakeAlert("B")});
  hook.WaitForRequests(3);
  EXPECT_THAT(hook.requests()[0].body, HasSubstr(R"("status":"firing")"));
  EXPECT_THAT(hook.requests()[1].body, HasSubstr(R"("status":"resolved")"));
  EXPECT_THAT(hook.requests()[2].body, HasSubstr(R"("alertname":"B")"));
  EXPECT_THAT(metrics_.Expose(), ::testing::Not(HasSubstr("secret")));
}

TEST_F(NotificationSenderTest, AFailedMessageIsSentAgain) {
  std::atomic<int> num_requests = 0;
  LoopbackHttpServer server([&](const LoopbackRequest&) {
    LoopbackReply reply;
    reply.status = ++num_requests == 1 ? 503 : 200;
    return reply;
  });
  sender_.ApplyConfig(WithAlertmanager(server));
  Send({MakeAlert("A")});
  server.WaitForRequests(2);
  EXPECT_EQ(server.requests()[0].body, server.requests()[1].body);
}

TEST_F(NotificationSenderTest, StopDrains) {
  LoopbackHttpServer server([](const LoopbackRequest&) { return LoopbackReply(); });
  sender_.ApplyConfig(WithAlertmanager(server));
  for (int i = 0; i < 5; ++i) Send({MakeAlert(StrCat("A", i))});
  sender_.Stop(kHour);
  sender_.Stop(0);
  std::string all;
  for (const LoopbackRequest& request : server.requests()) all += request.body;
  for (int i = 0; i < 5; ++i) EXPECT_THAT(all, HasSubstr(StrCat("\"A", i, "\"")));
  Send({MakeAlert("late")});
}

TEST_F(NotificationSenderTest, StopDoesNotWaitForAReceiverThatHangs) {
  LoopbackHttpServer hanging([](const LoopbackRequest&) {
    LoopbackReply reply;
    reply.manner = LoopbackReply::Manner::kNoReply;
    return reply;
  });
  sender_.ApplyConfig(WithAlertmanager(hanging));
  Send({MakeAlert("A")});
  hanging.WaitForRequests(1);
  sender_.Stop(10);
}

}  // namespace
}  // namespace tidemark::alerting
