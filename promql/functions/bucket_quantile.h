#pragma once

#include <vector>

namespace tidemark::promql {

// A bucket of a classic histogram: how many observations were at most `upper_bound`.
struct Bucket {
  double upper_bound = 0, count = 0;
};

// The `q`-quantile of the observations, taken as evenly spread within each bucket. The lowest
// bucket starts at 0 where its bound is above that; the highest answers with its lower end. NaN
// where the buckets have fewer than two bounds, do not end in +Inf or count nothing, and for a NaN
// `q`; infinite for a `q` outside [0, 1]. Sorts and repairs `buckets` in place: counts of equal
// bounds are added up, differences within rounding are levelled, and a count lower than that of the
// bucket before is raised, which sets
// `*forced`. Source: Prometheus, promql/quantile.go.
double BucketQuantile(double q, std::vector<Bucket>& buckets, bool* forced);

}  // namespace tidemark::promql
