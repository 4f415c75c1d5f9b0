#include "base/run/memory_budget.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace tidemark {
namespace {

TEST(MemoryBudgetTest, GivesOutItsOwnAndThatOfTheWhole) {
  MemoryBudget all(100, "all");
  MemoryBudget one(60, "one", &all), other(60, "other", &all);
  EXPECT_TRUE(one.Take(60).ok());
  EXPECT_EQ(one.Take(1), absl::ResourceExhaustedError("one"));
  EXPECT_EQ(one.Take(std::numeric_limits<size_t>::max()), absl::ResourceExhaustedError("one"));
  EXPECT_EQ(other.Take(41), absl::ResourceExhaustedError("all"));
  EXPECT_EQ(other.held_bytes(), 0u);
  EXPECT_TRUE(other.Take(40).ok());
  one.Give(60);
  EXPECT_EQ(all.held_bytes(), 40u);
  EXPECT_TRUE(other.Take(20).ok());
}

TEST(MemoryBudgetTest, HoldsAmongThreads) {
  MemoryBudget all(10, "all");
  std::vector<std::thread> threads;
  std::atomic<size_t> most{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      MemoryBudget mine(5, "mine", &all);
      for (int k = 0; k < 10'000; ++k) {
        if (!mine.Take(3).ok()) continue;
        const size_t held = all.held_bytes();
        for (size_t seen = most; seen < held && !most.compare_exchange_weak(seen, held);) {
        }
        mine.Give(3);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 10u);
  EXPECT_EQ(all.held_bytes(), 0u);
}

}  // namespace
}  // namespace tidemark
