#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "promql/functions/buckets.h"

namespace tidemark::promql {

// What had to be done to histograms whose counts fell from one bucket to the next.
struct MonotonicityRepairs {
  size_t count = 0;  // histograms
  // Of the buckets that were raised, and by how much at most.
  double lowest_bound = std::numeric_limits<double>::infinity();
  double highest_bound = -std::numeric_limits<double>::infinity();
  double largest = 0;
};

// The `q`-quantile of the observations, taken as evenly spread within each bucket. The lowest
// bucket starts at 0 where its bound is above that; the highest answers with its lower end. NaN
// where the buckets have fewer than two bounds, do not end in +Inf or count nothing, and for a NaN
// `q`; infinite for a `q` outside [0, 1]. Sorts and repairs `buckets` in place: counts of equal
// bounds are added up, differences within rounding are levelled, and a count lower than that of the
// bucket before is raised, which is noted in `repairs`; buckets repaired once stay as they are.
// Source: Prometheus, promql/quantile.go.
double BucketQuantile(double q, std::vector<Bucket>& buckets, MonotonicityRepairs& repairs);

}  // namespace tidemark::promql
