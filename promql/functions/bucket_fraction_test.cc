#include "promql/functions/bucket_fraction.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tidemark::promql {
namespace {

TEST(BucketFractionTest, Fractions) {
  struct Case {
    std::string_view name;
    double lower, upper;
    std::vector<Bucket> buckets;
    double want;
  };
  const std::vector<Bucket> plain = {{1, 10}, {2, 30}, {INFINITY, 40}};
  const std::vector<Bucket> negative = {{-1, 10}, {1, 30}, {INFINITY, 40}};
  const Case cases[] = {
      {"whole buckets", 1, 2, plain, 0.5},
      {"part of a bucket", 1.5, 2, plain, 0.25},
      {"across buckets", 0.5, 1.5, plain, 15.0 / 40},
      {"starts at zero", 0, 0.5, plain, 5.0 / 40},
      {"everything", -INFINITY, INFINITY, plain, 1},
      {"what is above the last bound counts as being at infinity", 2, 1000, plain, 0},
      {"the highest bucket", 2, INFINITY, plain, 0.25},
      {"a lowest bucket below zero has no lower end", -2, -1, negative, 0},
      {"from minus infinity", -INFINITY, -1, negative, 0.25},
      {"in any order", 1, 2, {{INFINITY, 40}, {2, 30}, {1, 10}}, 0.5},
      {"equal bounds are added up", 1, 2, {{1, 5}, {1, 5}, {2, 30}, {INFINITY, 40}}, 0.5},
      {"empty range", 1, 1, plain, 0},
      {"bounds the wrong way round", 2, 1, plain, 0},
      {"a bound that is no number", NAN, 1, plain, NAN},
      {"no observations", 0, 1, {{1, 0}, {INFINITY, 0}}, NAN},
      {"no infinite bucket", 0, 1, {{1, 10}}, NAN},
      {"no buckets", 0, 1, {}, NAN},
  };
  for (const Case& c : cases) {
    std::vector<Bucket> buckets = c.buckets;
    const double got = BucketFraction(c.lower, c.upper, buckets);
    if (std::isnan(c.want)) {
      EXPECT_TRUE(std::isnan(got)) << c.name << ": " << got;
    } else {
      EXPECT_DOUBLE_EQ(got, c.want) << c.name;
    }
  }
}

}  // namespace
}  // namespace tidemark::promql
