#include "base/log_line.h"

#include <algorithm>

#include "absl/time/time.h"
#include <nlohmann/json.hpp>

#include "base/labels/label_set.h"
#include "base/strings.h"

namespace tidemark::log {
namespace {

std::string TimeText(TimestampMs time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(time), absl::UTCTimeZone());
}

std::string_view LevelText(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
      return "ERROR";
  }
  return "?";
}

bool NeedsQuotes(std::string_view value) {
  const auto special = [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == 0x7f;
  };
  return value.empty() || std::any_of(value.begin(), value.end(), special) || !IsValidUtf8(value);
}

void AppendLogfmt(std::string_view key, std::string_view value, std::string* line) {
  StrAppend(line, line->empty() ? "" : " ", key, "=");
  if (NeedsQuotes(value)) {
    AppendQuoted(value, line);
  } else {
    line->append(value);
  }
}

void AppendJson(std::string_view key, std::string_view value, std::string* line) {
  const auto quoted = [](std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  StrAppend(line, line->empty() ? "{" : ",", quoted(key), ":", quoted(value));
}

template <typename Append>
std::string Line(TimestampMs time, Level level, std::string_view message,
                 std::span<const Field> fields, Append append) {
  std::string line;
  append("time", TimeText(time), &line);
  append("level", LevelText(level), &line);
  append("msg", message, &line);
  for (const Field& field : fields) append(field.key, field.value, &line);
  return line;
}

}  // namespace

std::string LogfmtLine(TimestampMs time, Level level, std::string_view message,
                       std::span<const Field> fields) {
  return Line(time, level, message, fields, AppendLogfmt);
}

std::string JsonLine(TimestampMs time, Level level, std::string_view message,
                     std::span<const Field> fields) {
  return Line(time, level, message, fields, AppendJson) + "}";
}

}  // namespace tidemark::log
