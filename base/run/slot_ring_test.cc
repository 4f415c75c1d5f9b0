#include "base/run/slot_ring.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tidemark {
namespace {

TEST(SlotRingTest, HandsOnInOrderAndEnds) {
  constexpr int kCount = 10'000;
  SlotRing<int> ring;
  std::thread filler([&] {
    for (int i = 0; i < kCount; ++i) {
      *ring.NextToFill() = i;
      ring.FilledOne();
    }
    ring.Close();
  });
  int expected = 0;
  while (const int* slot = ring.NextToTake()) {
    EXPECT_EQ(*slot, expected++);
    ring.TookOne();
  }
  filler.join();
  EXPECT_EQ(expected, kCount);
}

TEST(SlotRingTest, WhoeverFillsIsToldThatTheTakerStopped) {
  SlotRing<int, 2> ring;
  int num_filled = 0;
  std::thread filler([&] {
    while (ring.NextToFill() != nullptr) {
      ring.FilledOne();
      ++num_filled;
    }
    ring.Close();
  });
  ASSERT_NE(ring.NextToTake(), nullptr);
  ring.Stop();
  filler.join();
  EXPECT_GE(num_filled, 1);
  EXPECT_LE(num_filled, 2);
}

TEST(SlotRingTest, SlotsKeepWhatTheyHave) {
  SlotRing<std::vector<int>, 1> ring;
  ring.NextToFill()->reserve(100);
  ring.FilledOne();
  ring.NextToTake()->clear();
  ring.TookOne();
  EXPECT_GE(ring.NextToFill()->capacity(), 100u);
}

}  // namespace
}  // namespace tidemark
