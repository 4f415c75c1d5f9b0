#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <optional>
#include <utility>

#include "base/log_line.h"
#include "base/run/clock.h"
#include "base/strings.h"

namespace tidemark::log {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 4> kLevels = {{{"debug", Level::kDebug},
                                                                        {"info", Level::kInfo},
                                                                        {"warn", Level::kWarn},
                                                                        {"error", Level::kError}}};
constexpr std::array<std::pair<std::string_view, Format>, 2> kFormats = {
    {{"logfmt", Format::kLogfmt}, {"json", Format::kJson}}};

std::atomic<Level> minimum_level{Level::kInfo};
std::atomic<Format> line_format{Format::kLogfmt};

template <typename Choices>
auto Choose(const Choices& choices, std::string_view name)
    -> std::optional<decltype(choices[0].second)> {
  for (const auto& [text, value] : choices) {
    if (text == name) return value;
  }
  return std::nullopt;
}

// Never destroyed: other threads may log while the process ends.
spdlog::logger& Logger() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

}  // namespace

absl::Status Configure(std::string_view level, std::string_view format) {
  const auto chosen_level = Choose(kLevels, level);
  if (!chosen_level) {
    return absl::InvalidArgumentError(
        StrCat("unknown log level \"", level, "\", use debug, info, warn or error"));
  }
  const auto chosen_format = Choose(kFormats, format);
  if (!chosen_format) {
    return absl::InvalidArgumentError(
        StrCat("unknown log format \"", format, "\", use logfmt or json"));
  }
  minimum_level = *chosen_level;
  line_format = *chosen_format;
  return absl::OkStatus();
}

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < minimum_level.load(std::memory_order_relaxed)) return;
  const bool json = line_format.load(std::memory_order_relaxed) == Format::kJson;
  const std::string line = (json ? JsonLine : LogfmtLine)(Clock::Real().Now(), level, message,
                                                          {fields.begin(), fields.size()});
  Logger().log(spdlog::level::info, line);  // the level is in the line already
}

}  // namespace tidemark::log
