#include "cmd/tidemark/signal_watcher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/synchronization/notification.h"

namespace tidemark::server {
namespace {

// Ends with 0 once a signal from before the watch and one from after it have been called for.
void SignalOneself() {
  SignalWatcher watcher;
  kill(getpid(), SIGTERM);
  absl::Notification stopped, reloaded;
  watcher.Watch([&] { reloaded.Notify(); }, [&] { stopped.Notify(); });
  stopped.WaitForNotification();
  kill(getpid(), SIGHUP);
  reloaded.WaitForNotification();
  watcher.Stop();
  _exit(0);
}

TEST(SignalWatcherTest, CallsForEachSignal) {
  // In a process of its own: threads that other tests have left behind would take the signals.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(SignalOneself(), ::testing::ExitedWithCode(0), "");
}

TEST(SignalWatcherTest, StopsWithoutASignal) {
  SignalWatcher watcher;
  watcher.Watch([] {}, [] {});
}

}  // namespace
}  // namespace tidemark::server
