#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Integers that rise or fall by the same step each time, as the first one and the step: a few bytes
// whatever their number. Layout: docs/storage-format.md. Thread-safe: holds no state.
class SlopeCodec {
 public:
  // Whether all steps between neighbours are equal (modulo 2^64); so for fewer than three values.
  static bool Fits(std::span<const int64_t> values);
  // Appends `values`, for which Fits, to `out`.
  static void Encode(std::span<const int64_t> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` ends too soon
  static absl::Status Decode(std::string_view& bytes, std::span<int64_t> values);
};

}  // namespace tidemark::tsdb
