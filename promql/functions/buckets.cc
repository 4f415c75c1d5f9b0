#include "promql/functions/buckets.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace tidemark::promql {
namespace {

void AddUpEqualBounds(std::vector<Bucket>& buckets) {
  size_t last = 0;
  for (size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].upper_bound == buckets[last].upper_bound) {
      buckets[last].count += buckets[i].count;
    } else {
      buckets[++last] = buckets[i];
    }
  }
  buckets.resize(last + 1);
}

}  // namespace

bool SortBuckets(std::vector<Bucket>& buckets) {
  if (buckets.empty()) return false;
  std::sort(buckets.begin(), buckets.end(), [](const Bucket& a, const Bucket& b) {
    // NaN, which a label may say, comes last: the order must be one, or sorting may go astray.
    return a.upper_bound < b.upper_bound ||
           (!std::isnan(a.upper_bound) && std::isnan(b.upper_bound));
  });
  if (buckets.back().upper_bound != std::numeric_limits<double>::infinity()) return false;
  AddUpEqualBounds(buckets);
  return true;
}

}  // namespace tidemark::promql
