#include "tsdb/codec/vector_loops.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/model/sample.h"
#include "tsdb/codec/scaled_integer.h"

namespace tidemark::tsdb {
namespace {

std::vector<int64_t> RandomNumbers(std::mt19937_64& random, size_t count, int shift) {
  std::vector<int64_t> numbers(count);
  for (int64_t& number : numbers) number = static_cast<int64_t>(random()) >> shift;
  return numbers;
}

std::span<uint64_t> Wrapped(std::vector<int64_t>& numbers) {
  return {reinterpret_cast<uint64_t*>(numbers.data()), numbers.size()};
}

TEST(VectorLoopsTest, DoAsThePortableOnesDo) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937_64 random(seed);
    const uint64_t start = random();
    const uint64_t step = random();
    std::vector<int64_t> got = RandomNumbers(random, random() % 70, static_cast<int>(seed % 64));
    std::vector<int64_t> want = got;
    EXPECT_EQ(AscendsStrictly(got), portable::AscendsStrictly(want)) << "seed " << seed;
    PrefixSum(Wrapped(got), start, step);
    portable::PrefixSum(Wrapped(want), start, step);
    ASSERT_EQ(got, want) << "prefix sums, seed " << seed;
    AddLine(Wrapped(got), start, step);
    portable::AddLine(Wrapped(want), start, step);
    ASSERT_EQ(got, want) << "lines, seed " << seed;
    FillLine(got, start, step);
    portable::FillLine(want, start, step);
    ASSERT_EQ(got, want) << "lines from nothing, seed " << seed;
  }
}

TEST(VectorLoopsTest, OnePassDoesAsTwoSteps) {
  int num_done = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    const int shift = static_cast<int>(seed % 64);
    const auto exponent = static_cast<int>(random() % (kMaxDecimalExponent + 1));
    const uint64_t start = random() >> shift, step = random() >> shift;
    const std::vector<int64_t> numbers = RandomNumbers(random, random() % 70, shift);
    std::vector<double> got(numbers.size()), want(numbers.size());
    const auto expect_same = [&](bool done, std::vector<int64_t> integers) {
      portable::FromScaledIntegers(integers, exponent, want);
      for (size_t i = 0; done && i < got.size(); ++i) {
        ASSERT_TRUE(SameBits(got[i], want[i])) << "seed " << seed << ", value " << i;
      }
      num_done += done ? 1 : 0;
    };
    std::vector<int64_t> sums = numbers, line = numbers;
    portable::PrefixSum(Wrapped(sums), start, step);
    portable::AddLine(Wrapped(line), start, step);
    std::vector<int64_t> kept = numbers;
    expect_same(ScaledPrefixSum(Wrapped(kept), start, step, exponent, got), sums);
    expect_same(ScaledLine(Wrapped(kept), start, step, exponent, got), line);
    ASSERT_EQ(kept, numbers);
  }
  EXPECT_EQ(num_done > 1000, HasVectorLoops()) << num_done;
}

TEST(VectorLoopsTest, OneStepDownIsFoundWhereverItIs) {
  for (size_t count = 2; count < 20; ++count) {
    std::vector<int64_t> numbers(count);
    for (size_t i = 0; i < count; ++i) numbers[i] = static_cast<int64_t>(i) - 5;
    EXPECT_TRUE(AscendsStrictly(numbers));
    for (size_t i = 1; i < count; ++i) {
      std::vector<int64_t> flat = numbers;
      flat[i] = flat[i - 1];
      EXPECT_FALSE(AscendsStrictly(flat)) << i << " of " << count;
    }
  }
}

// The division must be the processor's to the last bit, however it is done.
TEST(VectorLoopsTest, QuotientsAreRoundedAsDivisionDoes) {
  for (int exponent = 0; exponent <= kMaxDecimalExponent; ++exponent) {
    for (int shift = 10; shift < 64; ++shift) {
      std::mt19937_64 random(static_cast<uint64_t>(100 * exponent + shift));
      const std::vector<int64_t> numbers = RandomNumbers(random, 1003, shift);
      std::vector<double> doubles(numbers.size());
      FromScaledIntegers(numbers, exponent, doubles);
      for (size_t i = 0; i < numbers.size(); ++i) {
        ASSERT_TRUE(SameBits(doubles[i], FromScaledInteger(numbers[i], exponent)))
            << numbers[i] << " / 10^" << exponent;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::tsdb
