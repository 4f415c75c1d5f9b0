#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"

// The server's log: one line an event on standard error, in logfmt or JSON with Prometheus's keys
// (time, level, msg, then those of the call):
//   log::Info("scrape pool reloaded", {{"pool", "node"}, {"targets", StrCat(n)}});
// spdlog is behind it. Thread-safe.
namespace tidemark::log {

enum class Level { kDebug, kInfo, kWarn, kError };
enum class Format { kLogfmt, kJson };

struct Field {
  std::string_view key;
  std::string value;
};

// InvalidArgument for an unknown level ("debug", "info", "warn", "error") or format ("logfmt",
// "json").
absl::Status Configure(std::string_view level, std::string_view format);

void Write(Level level, std::string_view message, std::initializer_list<Field> fields);
inline void Debug(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kDebug, m, f);
}
inline void Info(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kInfo, m, f);
}
inline void Warn(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kWarn, m, f);
}
inline void Error(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kError, m, f);
}

}  // namespace tidemark::log
