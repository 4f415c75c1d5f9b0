#include "base/model/classic_buckets.h"

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/model/histogram_validation.h"

namespace tidemark {
namespace {

using ::testing::ElementsAre;
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(ClassicBucketsTest, Integer) {
  ClassicBuckets buckets;
  EXPECT_TRUE(buckets.empty());
  buckets.AddBucket(0.5, 1);
  buckets.AddBucket(10, 1);
  buckets.AddBucket(kInf, 4);
  buckets.SetSum(-2.5);
  buckets.SetCount(4);
  const auto converted = buckets.Convert(CounterResetHint::kGauge);
  ASSERT_TRUE(converted.has_value());
  const auto& sample = std::get<HistogramSample>(*converted);
  EXPECT_TRUE(ValidateHistogram(sample).ok());
  EXPECT_EQ(sample.counter_reset_hint, CounterResetHint::kGauge);
  EXPECT_EQ(sample.layout->schema, kCustomBucketsSchema);
  EXPECT_THAT(sample.layout->custom_values, ElementsAre(0.5, 10));
  EXPECT_THAT(sample.positive_counts, ElementsAre(1, 0, 3));
  EXPECT_EQ(sample.count, 4);
  EXPECT_EQ(sample.sum, -2.5);

  buckets.Clear();
  EXPECT_TRUE(buckets.empty());
}

TEST(ClassicBucketsTest, Float) {
  ClassicBuckets buckets;
  buckets.AddBucket(-kInf, 0.25);
  buckets.AddBucket(1, 0.5);
  const auto converted = buckets.Convert(CounterResetHint::kUnknown);
  ASSERT_TRUE(converted.has_value());
  const auto& sample = std::get<FloatHistogramSample>(*converted);
  EXPECT_TRUE(ValidateHistogram(sample).ok());
  EXPECT_THAT(sample.positive_counts, ElementsAre(0.25, 0.25, 0)) << "nothing is said to be above";
  EXPECT_EQ(sample.count, 0.5);
}

TEST(ClassicBucketsTest, MissingParts) {
  ClassicBuckets buckets;
  buckets.SetCount(3);
  const auto only_count = buckets.Convert(CounterResetHint::kUnknown);
  ASSERT_TRUE(only_count.has_value());
  EXPECT_THAT(std::get<HistogramSample>(*only_count).positive_counts, ElementsAre(3));
  buckets.AddBucket(1, 2);
  const auto no_infinity = buckets.Convert(CounterResetHint::kUnknown);
  ASSERT_TRUE(no_infinity.has_value());
  EXPECT_THAT(std::get<HistogramSample>(*no_infinity).positive_counts, ElementsAre(2, 1));
}

TEST(ClassicBucketsTest, Contradictions) {
  struct Case {
    std::string_view name;
    std::vector<std::pair<double, double>> buckets;
    std::optional<double> count;
  };
  const Case kCases[] = {
      {"nothing", {}, {}},
      {"bounds fall", {{2, 1}, {1, 2}}, {}},
      {"a bound twice", {{1, 1}, {1, 2}}, {}},
      {"a bound above infinity", {{kInf, 1}, {5, 2}}, {}},
      {"no bound", {{NAN, 1}}, {}},
      {"counts fall", {{1, 3}, {2, 2}}, {}},
      {"negative", {{1, -1}}, {}},
      {"no count", {{1, NAN}}, {}},
      {"another count", {{1, 1}, {kInf, 2}}, 3},
      {"fewer in all than up to 1", {{1, 3}}, 2},
  };
  for (const Case& c : kCases) {
    ClassicBuckets buckets;
    for (const auto& [bound, count] : c.buckets) buckets.AddBucket(bound, count);
    if (c.count) buckets.SetCount(*c.count);
    EXPECT_FALSE(buckets.Convert(CounterResetHint::kUnknown).has_value()) << c.name;
  }
}

}  // namespace
}  // namespace tidemark
