#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// A column of timestamps between a first and a last one that are known already. A regular interval
// takes no bytes at all; jitter around it takes the bits of the jitter.
// Layout: docs/storage-format.md. Thread-safe: holds no state.
class TimestampCodec {
 public:
  enum class Layout : uint8_t {
    kRegular = 0,  // one interval all along; nothing is stored
    kIrregular = 1,
  };

  // Appends `timestamps`, ascending and not empty, to `out`; the result is needed to decode them.
  static Layout Encode(std::span<const TimestampMs> timestamps, std::string* out);
  // Fills `timestamps`, at least one, of which `first` and `last` are the ends, and drops what it
  // read from the front of `bytes`.
  //   DataLoss  not such a column, or not ascending from `first` to `last`
  static absl::Status Decode(Layout layout, TimestampMs first, TimestampMs last,
                             std::string_view& bytes, std::span<TimestampMs> timestamps);
};

}  // namespace tidemark::tsdb
