#pragma once

#include <optional>
#include <string_view>

#include "base/model/timestamp.h"

namespace tidemark::scrape {

// A message `google.protobuf.Timestamp` as milliseconds; nothing where it is the zero one, or one
// that no 64 bits hold. protozero's exceptions come out where it is damaged.
std::optional<TimestampMs> ReadProtobufTime(std::string_view message);

}  // namespace tidemark::scrape
