#include "base/model/wire_buckets.h"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <protozero/pbf_reader.hpp>

#include "base/strings.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark {
namespace {

using testing::BytesField;
using testing::DoubleField;
using ::testing::ElementsAre;
using testing::PackedDoubles;
using testing::PackedSigned;
using testing::SignedField;
using testing::VarintField;

std::string Span(int32_t offset, uint32_t length) {
  return SignedField(1, offset) + VarintField(2, length);
}

// The fields of `message` that are not among the ten.
std::vector<uint32_t> Take(WireBuckets& buckets, const std::string& message) {
  buckets.Clear();
  std::vector<uint32_t> others;
  protozero::pbf_reader reader(message.data(), message.size());
  while (reader.next()) {
    if (buckets.TakeField(reader)) continue;
    others.push_back(reader.tag());
    reader.skip();
  }
  return others;
}

TEST(WireBucketsTest, TenFieldsFromTheFirst) {
  for (const uint32_t first : {4U, 5U}) {
    WireBuckets buckets(first);
    const std::string message =
        SignedField(first, -4) + DoubleField(first + 1, 0.5) + VarintField(first + 2, 7) +
        DoubleField(first + 3, 7.5) + BytesField(first + 4, Span(-2, 1)) +
        PackedSigned(first + 5, {3}) + PackedDoubles(first + 6, {3.5}) +
        BytesField(first + 7, Span(0, 1)) + BytesField(first + 7, Span(2, 2)) +
        PackedSigned(first + 8, {5, 2}) + SignedField(first + 8, -4) +
        PackedDoubles(first + 9, {0.5}) + DoubleField(first + 9, 1.5);
    EXPECT_THAT(Take(buckets, VarintField(first - 1, 1) + message + DoubleField(first + 10, 1)),
                ElementsAre(first - 1, first + 10));
    const HistogramSample integers = buckets.Integer(CounterResetHint::kGauge, 9, 2.5);
    EXPECT_EQ(integers.layout->schema, -4);
    EXPECT_EQ(integers.layout->zero_threshold, 0.5);
    EXPECT_THAT(integers.layout->negative_spans, ElementsAre(BucketSpan{-2, 1}));
    EXPECT_THAT(integers.layout->positive_spans, ElementsAre(BucketSpan{0, 1}, BucketSpan{2, 2}));
    EXPECT_EQ(integers.count, 9);
    EXPECT_EQ(integers.zero_count, 7);
    EXPECT_THAT(integers.positive_counts, ElementsAre(5, 7, 3));
    EXPECT_THAT(integers.negative_counts, ElementsAre(3));
    const FloatHistogramSample floats = buckets.Float(CounterResetHint::kUnknown, 9.5, 2.5);
    EXPECT_EQ(floats.zero_count, 7.5);
    EXPECT_THAT(floats.positive_counts, ElementsAre(0.5, 1.5));
    EXPECT_THAT(floats.negative_counts, ElementsAre(3.5));
    EXPECT_EQ(floats.layout, integers.layout) << "equal ones share their object";
    EXPECT_THAT(Take(buckets, DoubleField(first, 1)), ElementsAre(first)) << "the wrong type";
    EXPECT_THAT(buckets.Integer({}, 0, 0).positive_counts, ElementsAre()) << "nothing is left";
  }
}

TEST(WireBucketsTest, DamageThrows) {
  WireBuckets buckets(4);
  for (const std::string& message :
       {BytesField(11, VarintField(1, 1) + DoubleField(2, 1)), BytesField(12, "\x80"),
        BytesField(13, "1234567"), DoubleField(5, 1).substr(0, 5)}) {
    EXPECT_THROW(Take(buckets, message), protozero::exception);
  }
}

TEST(WireBucketsTest, NegativeCounts) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  struct Case {
    std::string message;
    std::string_view side;
    int bucket;
    int64_t count;
  };
  for (const Case& c : {Case{PackedSigned(12, {1, -3}), "positive", 2, -2},
                        Case{PackedSigned(12, {-1}) + PackedSigned(9, {-2}), "negative", 1, -2},
                        Case{PackedSigned(12, {kLeast, -1, kLeast}), "positive", 1, kLeast}}) {
    WireBuckets buckets(4);
    Take(buckets, c.message);
    EXPECT_EQ(buckets.CheckCounts().message(),
              StrCat(c.side, " side: bucket number ", c.bucket, " has observation count of ",
                     c.count, ": histogram has a bucket whose observation count is negative"));
  }
  WireBuckets buckets(4);
  Take(buckets, PackedSigned(12, {5, 2, -4, 9}) + PackedSigned(9, {0}));
  EXPECT_TRUE(buckets.CheckCounts().ok());
}

}  // namespace
}  // namespace tidemark
