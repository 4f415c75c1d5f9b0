#include "tsdb/codec/bucket_steps.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::tsdb {
namespace {

using Counts = std::vector<double>;

struct Written {
  std::optional<size_t> num_steps;
  std::string bytes;
};
Written Append(const Counts& before, const Counts& now) {
  Written written;
  written.num_steps = AppendBucketSteps(before, now, &written.bytes);
  return written;
}

TEST(BucketStepsTest, BytesAreAsDescribed) {
  EXPECT_EQ(Append({5, 1}, {5, 1}).bytes, std::string(1, '\0'));
  // Of 8 buckets two steps: numbers 2 and 7, of which two low bits each, then 1 and 01.
  EXPECT_EQ(Append(Counts(8), {0, 0, 1, 0, 0, 0, 0, 1}).bytes, "\x02\x5e");
  // As many steps as buckets: no low bits; 111 for bucket 0, 001 for bucket 2.
  EXPECT_EQ(Append({9, 9, 9, 9}, {12, 9, 10, 9}).bytes, std::string("\x04\x27", 2));
}

TEST(BucketStepsTest, WhatFallsOrRisesFarIsNotWritten) {
  for (const auto& [before, now] : {std::pair<Counts, Counts>{{1, 2}, {2, 1}},
                                    {{0, 0}, {3, 0}},
                                    {Counts(100), Counts(100, 3)},
                                    {{}, {}}}) {
    const Written written = Append(before, now);
    EXPECT_EQ(written.num_steps.has_value(), before.empty());
    EXPECT_EQ(written.bytes.size(), before.empty() ? 1u : 0u);
  }
}

TEST(BucketStepsTest, RandomStepsComeBackAndCutOnesDoNot) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    std::mt19937_64 random(seed);
    const size_t num_buckets = 1 + random() % (seed % 50 == 0 ? 20'000 : 200);
    Counts before(num_buckets), now;
    for (double& count : before) count = static_cast<double>(random() % 1'000);
    now = before;
    const size_t num_steps = random() % (1 + std::min<size_t>(254, num_buckets));
    const size_t spread = 1 + random() % num_buckets;
    for (size_t i = 0; i < num_steps; ++i) ++now[random() % spread];
    const Written written = Append(before, now);
    ASSERT_EQ(written.num_steps, num_steps) << "seed " << seed;
    const std::string padded = written.bytes + "next";
    Counts decoded = before;
    std::string_view rest = padded;
    ASSERT_EQ(ConsumeBucketSteps(rest, decoded), num_steps) << "seed " << seed;
    ASSERT_EQ(decoded, now) << "seed " << seed;
    ASSERT_EQ(rest, "next") << "seed " << seed;
    for (size_t size = 0; size < written.bytes.size(); ++size) {
      rest = std::string_view(written.bytes).substr(0, size);
      ASSERT_FALSE(ConsumeBucketSteps(rest, decoded)) << "seed " << seed << " cut at " << size;
    }
  }
}

TEST(BucketStepsTest, AnyBytesAreStepsOrRefused) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937_64 random(seed);
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() & random());
    Counts counts(random() % 100);
    std::string_view rest = bytes;
    const std::optional<size_t> num_steps = ConsumeBucketSteps(rest, counts);
    if (!num_steps) continue;
    double sum = 0;
    for (const double count : counts) sum += count;
    ASSERT_EQ(sum, static_cast<double>(*num_steps)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tidemark::tsdb
