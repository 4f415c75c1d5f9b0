#include "promql/series_notation.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "base/model/duration.h"
#include "base/model/float_format.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/histogram_notation.h"
#include "promql/histograms/combine.h"

namespace tidemark::promql {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
// Of one line: what a test needs, and not what `0x99999999999` would take.
constexpr size_t kMaxPoints = 10'000'000;

bool ConsumePrefix(std::string_view prefix, std::string_view& text) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void SkipSpace(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
}

std::string_view ConsumeName(std::string_view& text) {
  const size_t end = std::min(text.find_first_of(" \t{}=,@!"), text.size());
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  return name;
}

// One `name="value"` or `"metric name"` between braces.
absl::Status ConsumeLabel(std::string_view& line, LabelSetBuilder& labels) {
  std::string name;
  const bool quoted = line.starts_with('"');
  if (quoted) {
    ASSIGN_OR_RETURN(name, ConsumeQuoted(line));
  } else {
    name = ConsumeName(line);
  }
  SkipSpace(line);
  if (!ConsumePrefix("=", line)) {
    if (!quoted) return absl::InvalidArgumentError(StrCat("no value for label ", name));
    labels.Set(kMetricName, name);
    return absl::OkStatus();
  }
  SkipSpace(line);
  ASSIGN_OR_RETURN(const std::string value, ConsumeQuoted(line));
  labels.Set(name, value);
  return absl::OkStatus();
}

struct Repetition {
  std::string_view what;
  size_t times = 0;
};

// `1+2x3` is "1+2" three times.
std::optional<Repetition> SplitRepetition(std::string_view token) {
  const size_t x = token.rfind('x');
  if (x == std::string_view::npos) return std::nullopt;
  Repetition repetition = {token.substr(0, x)};
  const char* end = token.data() + token.size();
  const auto [read, error] = std::from_chars(token.data() + x + 1, end, repetition.times);
  if (error != std::errc() || read != end) return std::nullopt;
  return repetition;
}

// InvalidArgument where repeating would give a series of `size` points too many of them.
absl::Status CheckRoom(const std::optional<Repetition>& repetition, size_t size,
                       std::string_view token) {
  if (!repetition || repetition->times <= kMaxPoints - std::min(size, kMaxPoints)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      StrCat("more than ", kMaxPoints, " points in one series: ", token));
}

// Where the increment of `1.5e-3+2` begins: the last sign that is neither first nor an exponent's.
size_t FindIncrement(std::string_view text) {
  for (size_t i = text.size(); i-- > 1;) {
    if ((text[i] == '+' || text[i] == '-') && text[i - 1] != 'e' && text[i - 1] != 'E') return i;
  }
  return std::string_view::npos;
}

absl::StatusOr<double> ParseNumber(std::string_view text) {
  const std::optional<double> value = ParseFloat(text);
  if (value) return *value;
  return absl::InvalidArgumentError(StrCat("not a number: ", text));
}

absl::Status AppendToken(std::string_view token, std::vector<Point>& points) {
  if (token == "stale") {
    points.push_back(StaleMarker());
    return absl::OkStatus();
  }
  const std::optional<Repetition> repetition = SplitRepetition(token);
  RETURN_IF_ERROR(CheckRoom(repetition, points.size(), token));
  const std::string_view what = repetition ? repetition->what : token;
  if (what == "_") {
    points.insert(points.end(), repetition ? repetition->times : 1, std::nullopt);
    return absl::OkStatus();
  }
  const size_t sign = repetition ? FindIncrement(what) : std::string_view::npos;
  double increment = 0;
  if (sign != std::string_view::npos) {
    ASSIGN_OR_RETURN(increment, ParseNumber(what.substr(sign)));
  }
  ASSIGN_OR_RETURN(double value, ParseNumber(what.substr(0, sign)));
  points.push_back(value);
  for (size_t i = 0; repetition && i < repetition->times; ++i) {
    points.push_back(value += increment);
  }
  return absl::OkStatus();
}

// `5m`, `-30s`, `+1m`, `0`, `-0ms`.
absl::StatusOr<DurationMs> ParseSignedDuration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  ASSIGN_OR_RETURN(const DurationMs size, ParseDuration(text));
  return negative ? -size : size;
}

absl::Status AppendStarts(std::string_view token, std::vector<std::optional<DurationMs>>& starts) {
  const std::optional<Repetition> repetition = SplitRepetition(token);
  RETURN_IF_ERROR(CheckRoom(repetition, starts.size(), token));
  const std::string_view what = repetition ? repetition->what : token;
  if (what == "_") {
    starts.insert(starts.end(), repetition ? repetition->times : 1, std::nullopt);
    return absl::OkStatus();
  }
  const size_t sign = what.find_first_of("+-", 1);
  DurationMs increment = 0;
  if (repetition && sign != std::string_view::npos) {
    ASSIGN_OR_RETURN(increment, ParseSignedDuration(what.substr(sign)));
  }
  ASSIGN_OR_RETURN(DurationMs start, ParseSignedDuration(what.substr(0, sign)));
  starts.push_back(start);
  for (size_t i = 0; repetition && i < repetition->times; ++i) {
    starts.push_back(start += increment);
  }
  return absl::OkStatus();
}

// `first` and then as many times as wanted the one before with `change` added or taken away; all
// the same object where there is no change.
absl::StatusOr<std::vector<HistogramPtr>> RepeatHistogram(
    FloatHistogramSample first, size_t times, const std::optional<NotedHistogram>& change,
    bool subtract) {
  std::vector<HistogramPtr> histograms = {
      std::make_shared<const FloatHistogramSample>(std::move(first))};
  for (size_t i = 0; i < times; ++i) {
    HistogramPtr next = histograms.back();
    if (change) {
      FloatHistogramSample sum = *next;
      CombineNotes notes;
      const HistogramView by = ViewOf(change->histogram);
      if (!(subtract ? Subtract(by, sum, notes) : Add(by, sum, notes))) {
        return absl::InvalidArgumentError("exponential and custom buckets cannot be combined");
      }
      next = std::make_shared<const FloatHistogramSample>(std::move(sum));
    }
    histograms.push_back(std::move(next));
  }
  return histograms;
}

absl::Status AppendHistograms(std::string_view token, SeriesLine& series) {
  const std::optional<Repetition> repetition =
      token.ends_with('}') ? std::nullopt : SplitRepetition(token);
  RETURN_IF_ERROR(CheckRoom(repetition, series.points.size(), token));
  std::string_view what = repetition ? repetition->what : token;
  ASSIGN_OR_RETURN(NotedHistogram first, ConsumeHistogram(what));
  const bool subtract = ConsumePrefix("-", what);
  std::optional<NotedHistogram> change;
  if (repetition && (subtract || ConsumePrefix("+", what))) {
    ASSIGN_OR_RETURN(change, ConsumeHistogram(what));
  }
  if (!what.empty()) return absl::InvalidArgumentError(StrCat("not a histogram: ", token));
  ASSIGN_OR_RETURN(std::vector<HistogramPtr> histograms,
                   RepeatHistogram(std::move(first.histogram), repetition ? repetition->times : 0,
                                   change, subtract));
  series.histograms.resize(series.points.size());
  series.have_hints.resize(series.points.size());
  series.histograms.insert(series.histograms.end(), histograms.begin(), histograms.end());
  series.points.resize(series.histograms.size());
  series.have_hints.resize(series.histograms.size(), first.has_hint);
  return absl::OkStatus();
}

// One point or repetition at the front of `text`, which loses it; a histogram may have spaces in
// it.
std::string_view ConsumeToken(std::string_view& text) {
  size_t end = 0;
  for (size_t depth = 0; end < text.size(); ++end) {
    if (text[end] == '{') ++depth;
    if (text[end] == '}' && depth > 0) --depth;
    if (depth == 0 && kSpace.find(text[end]) != std::string_view::npos) break;
  }
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

}  // namespace

std::string_view TrimSpace(std::string_view text) {
  SkipSpace(text);
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

absl::StatusOr<std::string> ConsumeQuoted(std::string_view& text) {
  if (text.empty() || std::string_view("\"'`").find(text[0]) == std::string_view::npos) {
    return absl::InvalidArgumentError(StrCat("no quoted string: ", text));
  }
  const char quote = text[0];
  std::string out;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] == '\\' && quote != '`' && i + 1 < text.size()) {
      ++i;
      out.push_back(text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i]);
    } else {
      out.push_back(text[i]);
    }
  }
  return absl::InvalidArgumentError("unterminated string");
}

absl::StatusOr<LabelSet> ConsumeLabels(std::string_view& line) {
  LabelSetBuilder labels;
  SkipSpace(line);
  labels.Set(kMetricName, ConsumeName(line));
  if (ConsumePrefix("{", line)) {
    SkipSpace(line);
    while (!ConsumePrefix("}", line)) {
      RETURN_IF_ERROR(ConsumeLabel(line, labels));
      SkipSpace(line);
      if (ConsumePrefix(",", line)) SkipSpace(line);
    }
  }
  return labels.Build();
}

absl::StatusOr<std::vector<Point>> ParsePoints(std::string_view text) {
  std::vector<Point> points;
  for (SkipSpace(text); !text.empty(); SkipSpace(text)) {
    const size_t end = std::min(text.find_first_of(kSpace), text.size());
    RETURN_IF_ERROR(AppendToken(text.substr(0, end), points));
    text.remove_prefix(end);
  }
  return points;
}

bool HasPoints(const SeriesLine& line) {
  return !line.histograms.empty() ||
         std::any_of(line.points.begin(), line.points.end(),
                     [](const Point& point) { return point.has_value(); });
}

absl::StatusOr<SeriesLine> ParseSeriesLine(std::string_view line) {
  SeriesLine series;
  ASSIGN_OR_RETURN(series.labels, ConsumeLabels(line));
  const bool starts = ConsumePrefix("@st", line);
  for (SkipSpace(line); !line.empty(); SkipSpace(line)) {
    const std::string_view token = ConsumeToken(line);
    if (starts) {
      RETURN_IF_ERROR(AppendStarts(token, series.starts));
    } else if (token.starts_with("{{")) {
      RETURN_IF_ERROR(AppendHistograms(token, series));
    } else {
      RETURN_IF_ERROR(AppendToken(token, series.points));
    }
  }
  if (series.histograms.empty()) return series;
  series.histograms.resize(series.points.size());
  series.have_hints.resize(series.points.size());
  return series;
}

}  // namespace tidemark::promql
