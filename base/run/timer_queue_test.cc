#include "base/run/timer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

#include "base/run/fake_clock.h"

namespace tidemark {
namespace {

using ::testing::ElementsAre;

TEST(TimerQueueTest, CallsInOrderOfTime) {
  FakeClock clock(1000);
  TimerQueue queue(clock);
  std::vector<int> order;  // written by the queue's thread only, read after the counter
  absl::BlockingCounter done(3);
  const auto note = [&](int n) {
    return [&, n] {
      order.push_back(n);
      done.DecrementCount();
    };
  };
  queue.At(3000, note(3));
  queue.At(2000, note(2));
  queue.At(500, note(1));  // already due
  clock.Set(5000);
  done.Wait();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(TimerQueueTest, CancelledIsNotCalled) {
  FakeClock clock(0);
  TimerQueue queue(clock);
  bool called = false;
  const auto id = queue.At(10, [&] { called = true; });
  EXPECT_TRUE(queue.Cancel(id));
  EXPECT_FALSE(queue.Cancel(id));
  absl::Notification later;
  queue.At(20, [&] { later.Notify(); });
  clock.Set(30);
  later.WaitForNotification();
  EXPECT_FALSE(called);
}

TEST(TimerQueueTest, CancelWaitsForTheCallThatRuns) {
  FakeClock clock(0);
  TimerQueue queue(clock);
  absl::Notification started, go_on;
  std::atomic<bool> finished{false};
  const auto id = queue.At(0, [&] {
    started.Notify();
    go_on.WaitForNotification();
    finished = true;
  });
  started.WaitForNotification();
  std::thread releaser([&] { go_on.Notify(); });
  EXPECT_FALSE(queue.Cancel(id));
  EXPECT_TRUE(finished);
  releaser.join();
}

TEST(TimerQueueTest, CancelOfNoTimerReturnsAtOnce) {
  FakeClock clock(0);
  TimerQueue timers(clock);
  EXPECT_FALSE(timers.Cancel(0));
}

}  // namespace
}  // namespace tidemark
