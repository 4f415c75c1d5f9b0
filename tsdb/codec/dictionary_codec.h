#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::tsdb {

// Values that go to and fro between a few: each of them once, then their numbers, bit-packed.
// Layout: docs/storage-format.md. Thread-safe: holds no state.
class DictionaryCodec {
 public:
  static constexpr size_t kMaxEntries = 16;

  // Appends `values`, which may be empty, to `out`; false, with nothing appended, where they are
  // more than kMaxEntries different ones.
  static bool Encode(std::span<const double> values, std::string* out);
  // Fills all of `values` and drops what it read from the front of `bytes`.
  //   DataLoss  `bytes` cannot be such a column; `values` then holds anything
  static absl::Status Decode(std::string_view& bytes, std::span<double> values);
};

}  // namespace tidemark::tsdb
