#include "promql/functions/bucket_quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/model/staleness.h"

namespace tidemark::promql {
namespace {

// Relative to the sum of both, as Prometheus measures it.
bool WithinRounding(double a, double b) {
  constexpr double kTolerance = 1e-12;
  const double sum = std::abs(a) + std::abs(b), difference = std::abs(a - b);
  if (a == 0 || b == 0 || sum < std::numeric_limits<double>::min()) {
    return difference < kTolerance * std::numeric_limits<double>::min();
  }
  return difference / std::min(sum, std::numeric_limits<double>::max()) < kTolerance;
}

// Makes the counts rise; tells `repairs` where that took more than levelling out rounding.
void MakeMonotonic(std::vector<Bucket>& buckets, MonotonicityRepairs& repairs) {
  bool forced = false;
  double previous = buckets[0].count;
  for (Bucket& bucket : buckets) {
    const bool level = WithinRounding(previous, bucket.count);
    if (!level && !(bucket.count < previous)) {
      previous = bucket.count;
      continue;
    }
    if (!level) {
      forced = true;
      repairs.lowest_bound = std::min(repairs.lowest_bound, bucket.upper_bound);
      repairs.highest_bound = std::max(repairs.highest_bound, bucket.upper_bound);
      repairs.largest = std::max(repairs.largest, previous - bucket.count);
    }
    bucket.count = previous;
  }
  if (forced) ++repairs.count;
}

}  // namespace

double BucketQuantile(double q, std::vector<Bucket>& buckets, MonotonicityRepairs& repairs) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (std::isnan(q) || buckets.empty()) return NormalNan();
  if (q < 0) return -kInfinity;
  if (q > 1) return kInfinity;
  if (!SortBuckets(buckets)) return NormalNan();
  MakeMonotonic(buckets, repairs);
  const double observations = buckets.back().count;
  if (buckets.size() < 2 || observations == 0) return NormalNan();

  const double rank = q * observations;
  const auto highest = buckets.end() - 1;
  const auto hit =
      std::find_if(buckets.begin(), highest, [&](const Bucket& b) { return b.count >= rank; });
  if (hit == highest) return (highest - 1)->upper_bound;
  if (hit == buckets.begin() && hit->upper_bound <= 0) return hit->upper_bound;
  const Bucket below = hit == buckets.begin() ? Bucket{0, 0} : *(hit - 1);
  const double share = (rank - below.count) / (hit->count - below.count);
  return below.upper_bound + (hit->upper_bound - below.upper_bound) * share;
}

}  // namespace tidemark::promql
