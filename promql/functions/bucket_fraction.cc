#include "promql/functions/bucket_fraction.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/model/staleness.h"

namespace tidemark::promql {
namespace {

// How many observations lie below `value`.
double RankOf(double value, const std::vector<Bucket>& buckets) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double all = buckets.back().count;
  Bucket below = {buckets[0].upper_bound > 0 ? 0 : -kInfinity, 0};
  for (const Bucket& bucket : buckets) {
    if (below.upper_bound >= value) return std::min(below.count, all);
    if (bucket.upper_bound > value) {
      if (std::isinf(below.upper_bound)) return std::min(bucket.count, all);  // no width to share
      const double share = (value - below.upper_bound) / (bucket.upper_bound - below.upper_bound);
      return std::min(below.count + (bucket.count - below.count) * share, all);
    }
    below = bucket;
  }
  return all;
}

}  // namespace

double BucketFraction(double lower, double upper, std::vector<Bucket>& buckets) {
  if (!SortBuckets(buckets)) return NormalNan();
  const double all = buckets.back().count;
  if (all == 0 || std::isnan(lower) || std::isnan(upper)) return NormalNan();
  if (lower >= upper) return 0;
  return (RankOf(upper, buckets) - RankOf(lower, buckets)) / all;
}

}  // namespace tidemark::promql
