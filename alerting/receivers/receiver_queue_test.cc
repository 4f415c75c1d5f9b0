#include "alerting/receivers/receiver_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "absl/time/clock.h"

#include "base/run/fake_clock.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

// Wants everything that is not in `told`; messages are the alertnames.
class FakeProtocol : public ReceiverProtocol {
 public:
  explicit FakeProtocol(size_t max_alerts = 0) : max_alerts_(max_alerts) {}
  bool Wants(const Notification& alert, TimestampMs) const override {
    return alert.labels.Get("told") != "yes";
  }
  std::string MessageKey(const Notification& alert) const override {
    return std::string(alert.labels.Get("key"));
  }
  size_t max_alerts() const override { return max_alerts_; }
  HttpRequest Message(std::span<const Notification> alerts) const override {
    HttpRequest request;
    for (const Notification& alert : alerts) {
      StrAppend(&request.body, alert.labels.Get("alertname"), alert.resolved ? "-" : "+", " ");
    }
    return request;
  }
  void Delivered(std::span<const Notification>, TimestampMs) override {}

 private:
  const size_t max_alerts_;
};

Notification MakeAlert(std::string_view name, std::string_view key = "") {
  Notification alert;
  alert.labels = LabelSet{{"alertname", name}, {"key", key}};
  alert.starts_at = 1;
  alert.ends_at = kHour;
  return alert;
}

// A queue whose receiver answers when the test says so.
class ReceiverQueueTest : public testing::Test {
 protected:
  ReceiverQueueTest() { Configure({}); }
  ~ReceiverQueueTest() override {
    queue_->Close();
    timers_.Stop();
  }

  void Configure(ReceiverOptions options, size_t max_alerts = 0) {
    queue_->Configure(std::make_unique<FakeProtocol>(max_alerts), std::move(options));
  }
  void Push(std::initializer_list<Notification> alerts) {
    queue_->Push({alerts.begin(), alerts.size()});
  }
  // The message under way, "" where there is none.
  std::string UnderWay() {
    absl::MutexLock lock(&mu_);
    return posted_.empty() ? "" : posted_.front().first;
  }
  void Answer(absl::StatusOr<HttpResponse> answer) {
    HttpClient::Callback done;
    {
      absl::MutexLock lock(&mu_);
      ASSERT_FALSE(posted_.empty());
      done = std::move(posted_.front().second);
      posted_.pop_front();
    }
    done(std::move(answer));
  }
  void Answer(int status) {
    HttpResponse response;
    response.status = status;
    Answer(std::move(response));
  }
  void WaitForMessage() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](ReceiverQueueTest* test) { return !test->posted_.empty(); }, this));
  }
  double Metric(std::string_view name) {
    return metrics_.AddCounter(name, "", {{"alertmanager", "receiver"}}).Value();
  }

  absl::Mutex mu_;
  std::deque<std::pair<std::string, HttpClient::Callback>> posted_;
  MetricRegistry metrics_;
  FakeClock clock_{0};
  TimerQueue timers_{clock_};
  std::shared_ptr<ReceiverQueue> queue_ = ReceiverQueue::Create(
      "receiver",
      [this](HttpRequest request, const HttpClientOptions&, HttpClient::Callback done) {
        absl::MutexLock lock(&mu_);
        posted_.emplace_back(std::move(request.body), std::move(done));
      },
      timers_, clock_, metrics_);
};

TEST_F(ReceiverQueueTest, OneMessageAtATimeInOrder) {
  Push({MakeAlert("a")});
  EXPECT_EQ(UnderWay(), "a+ ");
  Push({MakeAlert("b")});
  Push({MakeAlert("c")});
  EXPECT_EQ(posted_.size(), 1u);
  Answer(200);
  EXPECT_EQ(UnderWay(), "b+ c+ ");
  Answer(202);
  EXPECT_EQ(UnderWay(), "");
  EXPECT_TRUE(queue_->WaitUntilEmpty(0));
  EXPECT_EQ(Metric("prometheus_notifications_sent_total"), 3);
  EXPECT_EQ(Metric("prometheus_notifications_dropped_total"), 0);
}

TEST_F(ReceiverQueueTest, MessagesAreOfOneKeyAndBounded) {
  Configure({.http = {}, .capacity = 100, .max_batch = 3}, /*max_alerts=*/2);
  Push({MakeAlert("x")});  // occupies the receiver
  Push({MakeAlert("a", "1"), MakeAlert("b", "2"), MakeAlert("c", "1"), MakeAlert("d", "1")});
  for (const std::string_view want : {"x+ ", "a+ c+ ", "b+ ", "d+ ", ""}) {
    EXPECT_EQ(UnderWay(), want);
    if (!want.empty()) Answer(200);
  }
}

TEST_F(ReceiverQueueTest, AnAlertThatIsQueuedAgainReplacesItself) {
  Push({MakeAlert("x")});
  Notification again = MakeAlert("a"), resolved = MakeAlert("a");
  resolved.resolved = true;
  Push({MakeAlert("a"), MakeAlert("b")});
  Push({again, resolved});
  Answer(200);
  EXPECT_EQ(UnderWay(), "a+ b+ a- ");
}

TEST_F(ReceiverQueueTest, TheOldestGoBeyondTheCapacity) {
  Configure({.http = {}, .capacity = 2, .max_batch = 256});
  Push({MakeAlert("x")});
  Push({MakeAlert("a"), MakeAlert("b"), MakeAlert("c")});
  Answer(200);
  EXPECT_EQ(UnderWay(), "b+ c+ ");
  EXPECT_EQ(Metric("prometheus_notifications_dropped_total"), 1);
}

TEST_F(ReceiverQueueTest, WhatIsNotWantedIsNotQueued) {
  Notification told = MakeAlert("a");
  told.labels = LabelSet{{"alertname", "a"}, {"told", "yes"}};
  Push({told});
  EXPECT_EQ(UnderWay(), "");
}

TEST_F(ReceiverQueueTest, TriesAgainWithGrowingPauses) {
  const absl::StatusOr<HttpResponse> refused = absl::UnavailableError("connection refused");
  Push({MakeAlert("a")});
  Answer(refused);
  Push({MakeAlert("b")});
  TimestampMs now = 0;
  for (const DurationMs pause : {1, 2, 4, 8, 16, 30, 30}) {
    EXPECT_EQ(UnderWay(), "") << "paused";
    now += pause * kSecond;
    clock_.Set(now);
    WaitForMessage();
    EXPECT_EQ(UnderWay(), "a+ b+ ");
    if (pause % 2 == 0) {
      Answer(pause == 8 ? 429 : 503);
    } else {
      Answer(refused);
    }
  }
  clock_.Advance(30 * kSecond);
  WaitForMessage();
  Answer(200);
  EXPECT_EQ(Metric("prometheus_notifications_sent_total"), 2);
  EXPECT_EQ(Metric("prometheus_notifications_errors_total"), 15);

  // The next failure begins with a short pause again.
  Push({MakeAlert("c")});
  Answer(500);
  clock_.Advance(kSecond);
  WaitForMessage();
}

TEST_F(ReceiverQueueTest, WhatDoesNotMatterAnyMoreIsDropped) {
  Notification firing = MakeAlert("f"), resolved = MakeAlert("r");
  firing.ends_at = kMinute;
  resolved.resolved = true;
  resolved.ends_at = 0;
  Push({MakeAlert("x")});
  Push({firing, resolved});
  clock_.Set(kMinute);
  Answer(200);
  EXPECT_EQ(UnderWay(), "r- ");
  Answer(500);
  clock_.Set(15 * kMinute + 1);
  EXPECT_TRUE(queue_->WaitUntilEmpty(kHour));
  EXPECT_EQ(Metric("prometheus_notifications_dropped_total"), 2);
}

TEST_F(ReceiverQueueTest, ARefusedMessageIsDropped) {
  Push({MakeAlert("a")});
  Push({MakeAlert("b")});
  Answer(400);
  EXPECT_EQ(UnderWay(), "b+ ") << "without a pause";
  Answer(absl::InvalidArgumentError("bad URL"));
  EXPECT_EQ(Metric("prometheus_notifications_errors_total"), 2);
  EXPECT_EQ(Metric("prometheus_notifications_dropped_total"), 2);
}

TEST_F(ReceiverQueueTest, AnAnswerAfterCloseIsIgnored) {
  Push({MakeAlert("a")});
  Push({MakeAlert("b")});
  EXPECT_FALSE(queue_->WaitUntilEmpty(0));
  queue_->Close();
  EXPECT_TRUE(queue_->WaitUntilEmpty(0));
  Answer(200);
  EXPECT_EQ(UnderWay(), "");
  Push({MakeAlert("c")});
  EXPECT_EQ(UnderWay(), "");
  EXPECT_EQ(Metric("prometheus_notifications_dropped_total"), 1);
}

}  // namespace
}  // namespace tidemark::alerting
