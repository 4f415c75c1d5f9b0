#include "base/model/histogram_resolution.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace tidemark {
namespace {

HistogramSample Sample(int32_t schema, std::vector<BucketSpan> positive,
                       std::vector<uint64_t> positive_counts, std::vector<BucketSpan> negative = {},
                       std::vector<uint64_t> negative_counts = {}) {
  HistogramLayout layout;
  layout.schema = schema;
  layout.zero_threshold = 0.5;
  layout.positive_spans = std::move(positive);
  layout.negative_spans = std::move(negative);
  HistogramSample sample;
  sample.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  sample.positive_counts = std::move(positive_counts);
  sample.negative_counts = std::move(negative_counts);
  sample.count = 99;
  return sample;
}

TEST(HistogramResolutionTest, Reduces) {
  struct Case {
    HistogramSample before;
    int32_t schema;
    HistogramSample after;
  };
  for (const Case& c : {
           // Buckets 1 and 2 of schema 1 are bucket 1 of schema 0.
           Case{Sample(1, {{1, 2}}, {3, 4}), 0, Sample(0, {{1, 1}}, {7})},
           {Sample(1, {{0, 4}}, {1, 2, 4, 8}), 0, Sample(0, {{0, 3}}, {1, 6, 8})},
           {Sample(1, {{-5, 2}, {0, 1}, {7, 1}}, {1, 2, 4, 8}), 0,
            Sample(0, {{-2, 2}, {3, 1}}, {3, 4, 8})},
           {Sample(2, {{-9, 3}, {0, 0}, {2, 1}}, {1, 2, 4, 8}, {{1, 4}, {0, 1}}, {1, 1, 1, 1, 5}),
            0, Sample(0, {{-2, 2}}, {3, 12}, {{1, 2}}, {4, 5})},
           {Sample(8, {{100, 3}}, {1, 2, 4}), -4, Sample(-4, {{1, 1}}, {7})},
           {Sample(0, {{1, 2}}, {3, 4}), 0, Sample(0, {{1, 2}}, {3, 4})},
           {Sample(0, {{1, 2}}, {3, 4}), 3, Sample(0, {{1, 2}}, {3, 4})},
       }) {
    HistogramSample got = c.before;
    ReduceResolution(c.schema, got);
    EXPECT_TRUE(SameBits(got, c.after))
        << "schema " << c.before.layout->schema << " to " << c.schema;
  }
}

TEST(HistogramResolutionTest, CustomBucketsStay) {
  HistogramSample sample = Sample(kCustomBucketsSchema, {{0, 2}}, {3, 4});
  ReduceResolution(0, sample);
  EXPECT_EQ(sample.positive_counts.size(), 2u);
}

TEST(HistogramResolutionTest, Limit) {
  struct Case {
    size_t max_buckets;
    int32_t schema;  // after; the resolution that is just low enough
    bool ok;
  };
  // 9 buckets, 5 of schema 1, 3 of schema 0, 2 from -1 on.
  const HistogramSample sample = Sample(2, {{1, 8}}, {1, 1, 1, 1, 1, 1, 1, 1}, {{1, 1}}, {1});
  for (const Case& c : {Case{9, 2, true},
                        {8, 1, true},
                        {5, 1, true},
                        {4, 0, true},
                        {2, -1, true},
                        {1, -4, false}}) {
    HistogramSample got = sample;
    const absl::Status status = LimitBuckets(c.max_buckets, got);
    EXPECT_EQ(status.ok(), c.ok) << c.max_buckets;
    EXPECT_EQ(got.layout->schema, c.schema) << c.max_buckets;
    EXPECT_EQ(status.message(), c.ok ? "" : "histogram bucket limit exceeded");
  }
  FloatHistogramSample custom;
  custom.layout = Sample(kCustomBucketsSchema, {{0, 2}}, {}).layout;
  custom.positive_counts = {1, 2};
  EXPECT_TRUE(absl::IsResourceExhausted(LimitBuckets(1, custom)));
}

TEST(HistogramResolutionTest, KnownSchemas) {
  HistogramSample fine = Sample(52, {{1, 2}}, {3, 4});
  EXPECT_TRUE(ReduceToKnownSchema(fine).ok());
  EXPECT_EQ(fine.layout->schema, 8);
  EXPECT_EQ(fine.positive_counts, std::vector<uint64_t>{7});
  for (const int32_t schema : {53, -10, -52}) {
    HistogramSample unknown = Sample(schema, {}, {});
    EXPECT_TRUE(absl::IsInvalidArgument(ReduceToKnownSchema(unknown))) << schema;
  }
  HistogramSample mismatched = Sample(9, {{1, 4'000'000'000}}, {3});
  EXPECT_TRUE(absl::IsInvalidArgument(ReduceToKnownSchema(mismatched)));
}

}  // namespace
}  // namespace tidemark
