#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// One value for all samples, as two thirds of all chunks have it: one to nine bytes whatever their
// number. Bits decide what is equal. Layout: exact_double.h. Thread-safe: holds no state.
class ConstantCodec {
 public:
  static bool Fits(std::span<const double> values);
  // Appends `values`, for which Fits, to `out`.
  static void Encode(std::span<const double> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` does not start with a value
  static absl::Status Decode(std::string_view& bytes, std::span<double> values);
};

}  // namespace tidemark::tsdb
