#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Values as XOR with the one before; the codec for what no other codec shortens.
// Method: Pelkonen et al., "Gorilla", VLDB 2015, section 4.1, with one difference: the window of
// bits that is stored is chosen for 32 values at a time (mini_blocks.h) instead of by control bits
// at each value, so that decoding has no branch per value. Layout: docs/storage-format.md.
// Exact: all 64 bits come back, payloads of NaNs such as the staleness marker included.
// Thread-safe: holds no state. Cost: one pass, no allocation in Decode.
class XorCodec {
 public:
  // Appends `values`, which may be empty, to `out`.
  static void Encode(std::span<const double> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` ends too soon or cannot be XOR data; `values` then holds anything
  static absl::Status Decode(std::string_view& bytes, std::span<double> values);
};

}  // namespace tidemark::tsdb
