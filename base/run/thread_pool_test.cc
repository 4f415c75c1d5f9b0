#include "base/run/thread_pool.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(ThreadPoolTest, FinishesWhatWasSubmitted) {
  std::atomic<int> sum{0};
  ThreadPool pool(3);
  for (int i = 1; i <= 100; ++i) pool.Submit([&sum, i] { sum += i; });
  pool.Stop();
  EXPECT_EQ(sum, 5050);
  EXPECT_FALSE(pool.Submit([] {}));
}

TEST(ThreadPoolTest, ParallelForCallsEachIndexOnce) {
  ThreadPool pool(2);
  std::vector<std::atomic<int>> calls(1000);
  pool.ParallelFor(calls.size(), [&](size_t i) { ++calls[i]; });
  for (const auto& count : calls) EXPECT_EQ(count, 1);
}

TEST(ThreadPoolTest, ParallelForInsideATaskDoesNotWaitForAFreeThread) {
  ThreadPool pool(1);
  std::atomic<int> calls{0};
  pool.Submit([&] { pool.ParallelFor(10, [&](size_t) { ++calls; }); });
  pool.Stop();
  EXPECT_EQ(calls, 10);
}

}  // namespace
}  // namespace tidemark
