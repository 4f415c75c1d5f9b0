#include "promql/functions/sliding_window.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "promql/functions/quantile.h"

namespace tidemark::promql {
namespace {

std::vector<double> RandomValues(uint32_t seed, size_t count) {
  std::mt19937 random(seed);
  std::vector<double> values(count);
  for (double& v : values) {
    v = random() % 20 == 0 ? NAN : static_cast<double>(random() % 1000) - 500;
  }
  return values;
}

// Windows that move on by random amounts, now and then past everything seen.
template <typename Check>
void ForRandomWindows(uint32_t seed, size_t count, Check check) {
  std::mt19937 random(seed);
  size_t begin = 0, end = 0;
  while (end < count) {
    end = std::min(count, end + random() % 5);
    begin = std::min(end, begin + random() % (random() % 10 == 0 ? 40 : 5));
    if (begin < end) check(begin, end);
  }
}

TEST(SlidingWindowTest, ExtremeEqualsASearch) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> values = RandomValues(seed, 500);
    SlidingExtreme<std::greater<double>> extreme(values, {});
    ForRandomWindows(seed, values.size(), [&](size_t begin, size_t end) {
      size_t want = end;
      for (size_t i = end; i > begin; --i) {
        const double v = values[i - 1];
        if (!std::isnan(v) && (want == end || v >= values[want])) want = i - 1;
      }
      ASSERT_EQ(extreme.Find(begin, end), want) << "seed " << seed << " at " << begin;
    });
  }
}

TEST(SlidingWindowTest, QuantilesEqualThoseOfEachWindow) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    // Places of one word, of one block, and of more.
    const size_t size = seed % 5 == 0 ? 10'000 : seed % 5 == 1 ? 60 : 500;
    const std::vector<double> values = RandomValues(seed, size);
    SlidingOrder order(values);
    ForRandomWindows(seed, values.size(), [&](size_t begin, size_t end) {
      std::vector<double> window(values.begin() + static_cast<ptrdiff_t>(begin),
                                 values.begin() + static_cast<ptrdiff_t>(end));
      for (const double q : {-1.0, 0.0, 0.3, 0.5, 0.99, 1.0, 2.0, static_cast<double>(NAN)}) {
        const double want = Quantile(q, window), got = order.Find(q, begin, end);
        ASSERT_TRUE(got == want || (std::isnan(got) && std::isnan(want)))
            << "seed " << seed << " at " << begin << " q " << q;
      }
    });
  }
}

TEST(SlidingWindowTest, SumEqualsAddingUp) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::vector<double> values = RandomValues(seed, 500);
    for (double& v : values) v = std::isnan(v) ? 1e15 : v / 3;
    SlidingSum sums(values);
    ForRandomWindows(seed, values.size(), [&](size_t begin, size_t end) {
      long double want = 0;
      for (size_t i = begin; i < end; ++i) want += values[i];
      ASSERT_DOUBLE_EQ(sums.Find(begin, end).Total(), static_cast<double>(want))
          << "seed " << seed << " at " << begin;
    });
  }
}

TEST(SlidingWindowTest, SumForgetsInfinity) {
  const std::vector<double> values = {1, INFINITY, 2, 3};
  SlidingSum sums(values);
  EXPECT_EQ(sums.Find(0, 2).Total(), INFINITY);
  EXPECT_EQ(sums.Find(1, 3).Total(), INFINITY);
  EXPECT_EQ(sums.Find(2, 4).Total(), 5);
}

}  // namespace
}  // namespace tidemark::promql
