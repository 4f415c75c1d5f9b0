#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/model/timestamp.h"

// The text of one log line, without the newline. Keys in the order time, level, msg, then the
// fields as given.
namespace tidemark::log {

// `time=2026-01-02T03:04:05.678Z level=INFO msg="two words" key=value`; a value is quoted where it
// is empty or has a blank, a quote, '=' or a control character in it.
std::string LogfmtLine(TimestampMs time, Level level, std::string_view message,
                       std::span<const Field> fields);
// `{"time":"...","level":"INFO","msg":"...","key":"value"}`; bytes that are not UTF-8 are replaced.
std::string JsonLine(TimestampMs time, Level level, std::string_view message,
                     std::span<const Field> fields);

}  // namespace tidemark::log
