#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Short decimals, whole numbers among them, as integers over one power of ten;
// the few values that are none stand aside as exceptions and come back exactly.
// Method: Afroozeh et al., "ALP: Adaptive Lossless Floating-Point Compression",
// SIGMOD 2024, with division instead of its multiplication by an inverse power,
// which leaves it fewer exceptions. Layout: docs/storage-format.md.
// Thread-safe: holds no state.
class DecimalCodec {
 public:
  // Appends `values`, which may be empty, to `out`; false, with nothing
  // appended, where too many of them are exceptions.
  static bool Encode(std::span<const double> values, std::string* out);
  // Appends them as decimals that sums and quotients have led astray by some
  // units of the last place, and by how many; false, with nothing appended,
  // where too many of them are none. Takes the place of a float sum's mantissa,
  // of which it leaves half.
  static bool EncodeInexact(std::span<const double> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` cannot be such a column; `values` then holds anything
  static absl::Status Decode(std::string_view& bytes, std::span<double> values);
};

}  // namespace tidemark::tsdb
