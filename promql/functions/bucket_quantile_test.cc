#include "promql/functions/bucket_quantile.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tidemark::promql {
namespace {

TEST(BucketQuantileTest, Quantiles) {
  struct Case {
    std::string_view name;
    double q;
    std::vector<Bucket> buckets;
    double want;
    bool forced = false;
  };
  const std::vector<Bucket> plain = {{1, 10}, {2, 30}, {INFINITY, 40}};
  const Case cases[] = {
      {"starts at zero", 0.125, plain, 0.5},
      {"inside a bucket", 0.5, plain, 1.5},
      {"in any order", 0.5, {{INFINITY, 40}, {2, 30}, {1, 10}}, 1.5},
      {"the highest bucket answers with its lower end", 0.9, plain, 2},
      {"a lowest bucket below zero has no lower end", 0.1, {{-1, 10}, {INFINITY, 20}}, -1},
      {"below zero", -0.1, plain, -INFINITY},
      {"above one", 1.1, plain, INFINITY},
      {"no quantile", NAN, plain, NAN},
      {"no buckets", 0.5, {}, NAN},
      {"no infinite bucket", 0.5, {{1, 10}, {2, 30}}, NAN},
      {"a bound that is no number", 0.5, {{NAN, 5}, {1, 10}, {NAN, 7}, {INFINITY, 40}}, NAN},
      {"only the infinite bucket", 0.5, {{INFINITY, 10}}, NAN},
      {"no observations", 0.5, {{1, 0}, {INFINITY, 0}}, NAN},
      {"equal bounds are added up", 0.5, {{1, 5}, {1, 5}, {2, 30}, {INFINITY, 40}}, 1.5},
      {"a count that falls is raised",
       0.75,
       {{1, 10}, {2, 40}, {3, 20}, {INFINITY, 40}},
       1 + 20.0 / 30,
       true},
      {"rounding is levelled silently", 1, {{1, 10}, {2, 10 - 1e-14}, {INFINITY, 10}}, 1},
  };
  for (const Case& c : cases) {
    std::vector<Bucket> buckets = c.buckets;
    MonotonicityRepairs repairs;
    const double got = BucketQuantile(c.q, buckets, repairs);
    if (std::isnan(c.want)) {
      EXPECT_TRUE(std::isnan(got)) << c.name << ": " << got;
    } else {
      EXPECT_DOUBLE_EQ(got, c.want) << c.name;
    }
    EXPECT_EQ(repairs.count, c.forced ? 1 : 0) << c.name;
  }
}

TEST(BucketQuantileTest, RepairsAreNoted) {
  std::vector<Bucket> buckets = {{1, 10}, {2, 40}, {3, 20}, {4, 35}, {5, 50}, {INFINITY, 49}};
  MonotonicityRepairs repairs;
  BucketQuantile(0.5, buckets, repairs);
  EXPECT_EQ(repairs.count, 1);
  EXPECT_EQ(repairs.lowest_bound, 3);
  EXPECT_EQ(repairs.highest_bound, INFINITY);
  EXPECT_EQ(repairs.largest, 20);
  BucketQuantile(0.9, buckets, repairs);
  EXPECT_EQ(repairs.count, 1) << "repaired once";
}

}  // namespace
}  // namespace tidemark::promql
