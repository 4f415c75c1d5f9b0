#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Values that stay as they are for long: when they change, and a column of what to. The places of
// changes are a list of run lengths where there are few and a bitmap where there are many.
// Layout: docs/storage-format.md. Thread-safe: holds no state.
class ChangeCodec {
 public:
  // How many runs of equal bits `values` consist of.
  static size_t CountRuns(std::span<const double> values);
  // Appends `values`, at least one, to `out`.
  static void Encode(std::span<const double> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` cannot be such a column; `values` then holds anything
  static absl::Status Decode(std::string_view& bytes, std::span<double> values);
};

}  // namespace tidemark::tsdb
