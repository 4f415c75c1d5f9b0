#pragma once

#include <vector>

namespace tidemark::promql {

// A bucket of a classic histogram: how many observations were at most `upper_bound`.
struct Bucket {
  double upper_bound = 0, count = 0;
};

// Sorts `buckets` by bound and adds the counts of equal bounds up. False where they do not end in
// +Inf, and so say nothing about all observations; then only their order may have changed.
bool SortBuckets(std::vector<Bucket>& buckets);

}  // namespace tidemark::promql
