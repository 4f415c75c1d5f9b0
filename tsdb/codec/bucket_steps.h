#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What the buckets of a histogram gained since the histogram before it: the bucket numbers of its
// new observations, ascending, a bucket that gained two twice. A few bits for each observation, so
// that a histogram costs what happened, not what buckets there are.
// Method: S. Vigna, "Quasi-Succinct Indices", WSDM 2013, section 3 (Elias-Fano).
// Layout, m observations over n buckets, bits low first:
//   1  m, 0 to 254
//   .  the low k bits of each number, where k = floor(log2(n / m)), 0 where that is negative
//   .  what is above them, in unary: for each number as many 0 as it exceeds that of the one before
//      (of the first: 0), then a 1; filled up to a byte
// Thread-safe: holds no state.
namespace tidemark::tsdb {

// A first byte that no steps have.
inline constexpr char kNoBucketSteps = '\xff';

// Appends the steps from `before` to `now`, of the same buckets and all whole numbers; their number
// is given back. Nullopt, and nothing appended, where a bucket fell or there are more steps than
// buckets, or more than 254. Cost: about a nanosecond a bucket.
std::optional<size_t> AppendBucketSteps(std::span<const double> before, std::span<const double> now,
                                        std::string* out);

// Adds the steps at the front of `bytes` to `counts` and drops them; gives their number. Nullopt
// where `bytes` does not start with steps of so many buckets; `counts` then holds anything.
// Cost: about two nanoseconds a step.
std::optional<size_t> ConsumeBucketSteps(std::string_view& bytes, std::span<double> counts);

}  // namespace tidemark::tsdb
