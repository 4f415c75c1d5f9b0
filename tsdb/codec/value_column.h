#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

// A column of values under the codec that makes it shortest, with a byte in
// front that names the codec.
namespace tidemark::tsdb {

// On disk: numbers are never given a new meaning.
enum class ValueCodec : uint8_t {
  kConstant = 0,
  kDecimal = 1,  // whole numbers among them
  kXor = 2,
  kChanges = 3,
  kDictionary = 4,
};

// Columns may stand in columns: what a change leads to is itself a column, but
// not one of changes.
enum class Nesting : uint8_t { kOutermost, kInner };

// Appends `values`, at least one, to `out`. Cost: tens of nanoseconds a value,
// next to nothing for constants.
void AppendValueColumn(std::span<const double> values, Nesting nesting, std::string* out);

// Fills all of `values`, at least one, and drops what it read from the front of
// `bytes`.
//   DataLoss  `bytes` cannot be such a column; `values` then holds anything
absl::Status ConsumeValueColumn(std::string_view& bytes, Nesting nesting, std::span<double> values);

}  // namespace tidemark::tsdb
