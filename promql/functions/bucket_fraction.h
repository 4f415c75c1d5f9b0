#pragma once

#include <vector>

#include "promql/functions/buckets.h"

namespace tidemark::promql {

// The share of the observations between `lower` and `upper`, taken as evenly spread within each
// bucket. The lowest bucket starts at 0 where its bound is above that, else at -Inf; what lies in
// it then counts as being at its lower end, what lies in the highest one as being at +Inf. 0 where
// `lower` is not below `upper`; NaN where either is NaN or the buckets do not end in +Inf or count
// nothing. Sorts `buckets` in place and adds the counts of equal bounds up. Source: Prometheus,
// promql/quantile.go.
double BucketFraction(double lower, double upper, std::vector<Bucket>& buckets);

}  // namespace tidemark::promql
