#include "http/api_v1/query_gate.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "base/run/fake_clock.h"

namespace tidemark::http {
namespace {

TEST(QueryGateTest, LetsSoManyInAtATime) {
  MetricRegistry metrics;
  QueryGate gate(2, metrics);
  std::atomic<int> inside = 0, most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const Cancellation never;
      for (int k = 0; k < 20; ++k) {
        ASSERT_TRUE(gate.Enter(never).ok());
        const int now = ++inside;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        --inside;
        gate.Leave();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(metrics.AddGauge("prometheus_engine_queries", "").Value(), 0);
  EXPECT_EQ(metrics.AddGauge("prometheus_engine_queries_concurrent_max", "").Value(), 2);
}

TEST(QueryGateTest, WaitingEndsWithTheQuery) {
  MetricRegistry metrics;
  QueryGate gate(1, metrics);
  FakeClock clock(0);
  Cancellation first, gone;
  ASSERT_TRUE(gate.Enter(first).ok());
  EXPECT_EQ(metrics.AddGauge("prometheus_engine_queries", "").Value(), 0)
      << "the engine counts those that run";

  const Cancellation late(clock, 0);
  EXPECT_EQ(gate.Enter(late), absl::DeadlineExceededError("query timed out in query queue"));
  gone.Cancel();
  EXPECT_EQ(gate.Enter(gone), absl::CancelledError("query was canceled in query queue"));

  gate.Leave();
  EXPECT_TRUE(gate.Enter(first).ok());
  gate.Leave();
}

}  // namespace
}  // namespace tidemark::http
