#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/native_histogram.h"
#include "base/model/timestamp.h"

// How test scripts write series: `requests_total{job="api"} 1+2x5 _ stale`.
namespace tidemark::promql {

// One point of a series: nullopt for a gap. `stale` is the staleness marker.
using Point = std::optional<double>;

struct SeriesLine {
  LabelSet labels;
  std::vector<Point> points;
  // For each point that is a native histogram that histogram, null for the others; empty where none
  // is. They are gaps in `points`.
  std::vector<HistogramPtr> histograms;
  // Which of them come with a counter-reset hint.
  std::vector<bool> have_hints;
  // Of a line `name{...}@st`, which has no points: how long before (or after) each point of the
  // series what it counts began.
  std::vector<std::optional<DurationMs>> starts;
};

// The labels at the front of `line`, which loses them: `name`, `name{a="b"}`, `{a="b"}`,
// `{"name"}`.
absl::StatusOr<LabelSet> ConsumeLabels(std::string_view& line);
// InvalidArgument for anything else and for more than 10 million points.
// `1 2.5 NaN`, `1+2x3` (1 3 5 7), `1-2x3`, `1x3` (four times 1), `_`, `_x3` (three gaps), `stale`.
absl::StatusOr<std::vector<Point>> ParsePoints(std::string_view text);
// Whether there is anything but gaps.
bool HasPoints(const SeriesLine& line);
// Labels and points; `{{schema:0 count:2}}`, `{{...}}x5`, `{{...}}+{{...}}x5` and
// `{{...}}-{{...}}x5` are histograms, see histogram_notation.h. After `@st` durations stand for the
// points: `-30s`, `-30s-1mx2` (-30s -90s -150s), `0`, `_`.
absl::StatusOr<SeriesLine> ParseSeriesLine(std::string_view line);

// A string literal at the front of `text`, which loses it: in double or single quotes with Go's
// common escapes, or raw in backticks.
absl::StatusOr<std::string> ConsumeQuoted(std::string_view& text);

std::string_view TrimSpace(std::string_view text);

}  // namespace tidemark::promql
