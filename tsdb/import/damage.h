#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/strings.h"

namespace tidemark::tsdb {

// The one way in which readers of foreign files say what they cannot read.
inline absl::Status DamageAt(std::string_view path, uint64_t offset, std::string_view what) {
  return absl::DataLossError(StrCat(path, ": byte ", offset, ": ", what));
}

}  // namespace tidemark::tsdb
