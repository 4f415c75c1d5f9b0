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
        ASSERT_TRUE(gate.Enter(QueryGate::Weight::kHeavy, never).ok());
        const int now = ++inside;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        --inside;
        gate.Leave(QueryGate::Weight::kHeavy);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1) << "the other place is kept for light queries";
  EXPECT_EQ(metrics.AddGauge("prometheus_engine_queries", "").Value(), 0);
  EXPECT_EQ(metrics.AddGauge("prometheus_engine_queries_concurrent_max", "").Value(), 2);
}

TEST(QueryGateTest, WaitingEndsWithTheQuery) {
  MetricRegistry metrics;
  QueryGate gate(1, metrics);
  FakeClock clock(0);
  Cancellation first, gone;
  ASSERT_TRUE(gate.Enter(QueryGate::Weight::kHeavy, first).ok());
  EXPECT_EQ(metrics.AddGauge("prometheus_engine_queries", "").Value(), 0)
      << "the engine counts those that run";

  const Cancellation late(clock, 0);
  EXPECT_EQ(gate.Enter(QueryGate::Weight::kHeavy, late),
            absl::DeadlineExceededError("query timed out in query queue"));
  gone.Cancel();
  EXPECT_EQ(gate.Enter(QueryGate::Weight::kHeavy, gone),
            absl::CancelledError("query was canceled in query queue"));

  gate.Leave(QueryGate::Weight::kHeavy);
  EXPECT_TRUE(gate.Enter(QueryGate::Weight::kHeavy, first).ok());
  gate.Leave(QueryGate::Weight::kHeavy);
}

TEST(QueryGateTest, KeepsPlacesForLightQueries) {
  using enum QueryGate::Weight;
  struct Case {
    size_t places, most_heavy;
  };
  constexpr Case kCases[] = {{1, 1}, {2, 1}, {5, 4}, {6, 5}, {7, 5}, {20, 16}};
  FakeClock clock(0);
  const Cancellation patient, impatient(clock, 0);
  for (const Case& c : kCases) {
    MetricRegistry metrics;
    QueryGate gate(c.places, metrics);
    for (size_t i = 0; i < c.most_heavy; ++i) ASSERT_TRUE(gate.Enter(kHeavy, patient).ok());
    EXPECT_FALSE(gate.Enter(kHeavy, Cancellation(clock, 0)).ok()) << c.places;
    for (size_t i = c.most_heavy; i < c.places; ++i) {
      ASSERT_TRUE(gate.Enter(kLight, patient).ok());
    }
    EXPECT_FALSE(gate.Enter(kLight, impatient).ok()) << c.places;
    gate.Leave(kHeavy);
    EXPECT_TRUE(gate.Enter(kLight, patient).ok()) << "light ones may have all places";
  }
}

}  // namespace
}  // namespace tidemark::http
