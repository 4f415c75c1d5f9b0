#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Any 64-bit integers as what is left over a prediction, packed in mini-blocks. Of four predictions
// the one that makes the column shortest is taken:
//   the lowest value (frame of reference)      levels that move about
//   the value before plus the lowest delta     counters
//   the last delta once more                   quantities that accelerate slowly
//   a straight line                            schedules with jitter, such as timestamps
// A factor that all differences share is taken out first, such as the page size of memory gauges.
// Outliers below the "lowest" are patched, see mini_blocks.h. Layout: docs/storage-format.md.
// Thread-safe: holds no state. Cost: Encode about 20 ns a value, Decode under 1 ns.
class IntegerCodec {
 public:
  // Appends `values`, which may be empty, to `out`.
  static void Encode(std::span<const int64_t> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` cannot be such a column; `values` then holds anything
  static absl::Status Decode(std::string_view& bytes, std::span<int64_t> values);
  // The same with FromScaledInteger of each, `exponent` from 0 to kMaxDecimalExponent.
  static absl::Status DecodeScaled(std::string_view& bytes, int exponent, std::span<double> values);
};

}  // namespace tidemark::tsdb
