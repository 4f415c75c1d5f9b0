#include "scrape/expfmt/created_times.h"

#include <cmath>

#include "scrape/expfmt/byte_scan.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/sample_value.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kCreated = "_created";

// The series that `line` begins with; empty where it is none.
std::string_view SeriesOf(std::string_view line) {
  const char* const end = line.data() + line.size();
  const char* at = FindFirst<OutsideName>(line.data(), end);
  LabelBlockError error;
  if (at != end && *at == '{') at = SkipBraces(at, end, &error);
  return at == nullptr ? std::string_view() : Between(line.data(), at);
}

// The seconds behind a blank, up to the next one, as milliseconds.
std::optional<TimestampMs> TimeOf(std::string_view text) {
  if (!text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(1);
  const absl::StatusOr<double> seconds = ParseSampleValue(text.substr(0, text.find(' ')));
  if (!seconds.ok() || !std::isfinite(*seconds)) return std::nullopt;
  return WholeMilliseconds(*seconds);
}

}  // namespace

void CreatedTimes::Read(std::string_view family, std::string_view rest) {
  family_ = family;
  times_.clear();
  while (!rest.empty() && rest.front() != '#') {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find(kCreated) == std::string_view::npos) continue;
    const std::string_view series = SeriesOf(line);
    std::string_view name;
    if (!SplitSeries(series, "", &name, &key_)) continue;
    if (!name.ends_with(kCreated) || name.substr(0, name.size() - kCreated.size()) != family_) {
      continue;
    }
    const std::optional<TimestampMs> time = TimeOf(line.substr(series.size()));
    if (time) times_.insert_or_assign(key_, *time);
  }
}

std::optional<TimestampMs> CreatedTimes::Find(std::string_view series, std::string_view own_label) {
  if (times_.empty()) return std::nullopt;
  std::string_view name;
  if (!SplitSeries(series, own_label, &name, &key_) || !name.starts_with(family_)) {
    return std::nullopt;
  }
  const auto it = times_.find(key_);
  if (it == times_.end()) return std::nullopt;
  return it->second;
}

bool IsCreatedSeries(std::string_view series) {
  const char* const end = series.data() + series.size();
  std::string_view name = Between(series.data(), FindFirst<OutsideName>(series.data(), end));
  std::string labels;
  if (name.empty() && !SplitSeries(series, "", &name, &labels)) return false;
  return name.ends_with(kCreated);
}

}  // namespace tidemark::scrape
