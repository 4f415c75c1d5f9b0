#include "promql/promqltest/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "base/labels/search_regex.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/histogram_text.h"
#include "promql/histograms/equality.h"

namespace tidemark::promql {
namespace {

constexpr double kTolerance = 1e-6;

// As close as Prometheus wants test values to be; NaN equals NaN.
bool AlmostEqual(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return std::abs(a - b) <= kTolerance * (std::abs(a) + std::abs(b));
}

absl::Status Wrong(std::string_view what) { return absl::FailedPreconditionError(ToAbsl(what)); }

// A sample: a histogram, or a float where that is null.
struct Got {
  double value = 0;
  HistogramPtr histogram;
};

std::string Text(const Got& got) {
  return got.histogram == nullptr ? FormatFloat(got.value) : ToNotation(ViewOf(*got.histogram));
}

// What a script wants at one point.
struct Wanted : Got {
  bool has_hint = false;
};

// Nothing where the script has a gap.
std::optional<Wanted> WantedAt(const SeriesLine& line, size_t i) {
  Wanted wanted;
  if (i < line.histograms.size() && line.histograms[i] != nullptr) {
    wanted.histogram = line.histograms[i];
    wanted.has_hint = line.have_hints[i];
    return wanted;
  }
  if (i >= line.points.size() || !line.points[i]) return std::nullopt;
  wanted.value = *line.points[i];
  return wanted;
}

bool AlmostEqual(const Got& got, const Wanted& want) {
  if (got.histogram == nullptr || want.histogram == nullptr) {
    return got.histogram == want.histogram && AlmostEqual(got.value, want.value);
  }
  const bool same_hint = got.histogram->counter_reset_hint == want.histogram->counter_reset_hint;
  return (same_hint || !want.has_hint) &&
         AreAlmostEqual(ViewOf(*got.histogram), ViewOf(*want.histogram), kTolerance);
}

absl::Status Compare(const LabelSet& labels, const Got& got, const Wanted& want,
                     std::string_view at) {
  if (AlmostEqual(got, want)) return absl::OkStatus();
  return Wrong(StrCat(labels.ToString(), " ", Text(got), " instead of ", Text(want),
                      want.has_hint ? " with its hint" : "", at));
}

absl::Status CompareVector(const InstantVector& got, const EvalCommand& want) {
  if (got.size() != want.series.size()) {
    std::string all;
    for (const auto& s : got) {
      StrAppend(&all, "\n    ", s.labels.ToString(), " ", Text({s.value, s.histogram}));
    }
    return Wrong(StrCat(got.size(), " samples instead of ", want.series.size(), all));
  }
  for (size_t i = 0; i < want.series.size(); ++i) {
    const SeriesLine& wanted = want.series[i];
    const auto found = std::find_if(got.begin(), got.end(),
                                    [&](const auto& s) { return s.labels == wanted.labels; });
    if (found == got.end()) return Wrong(StrCat("no sample ", wanted.labels.ToString()));
    if (want.ordered && found != got.begin() + static_cast<ptrdiff_t>(i)) {
      return Wrong(StrCat(wanted.labels.ToString(), " is at position ", found - got.begin()));
    }
    const Wanted sample = WantedAt(wanted, 0).value_or(Wanted{{NAN, nullptr}});
    RETURN_IF_ERROR(Compare(wanted.labels, {found->value, found->histogram}, sample, ""));
  }
  return absl::OkStatus();
}

std::map<TimestampMs, Got> SamplesOf(const Series& series) {
  std::map<TimestampMs, Got> samples;
  for (const Sample& sample : series.samples) samples[sample.timestamp].value = sample.value;
  for (const HistogramPoint& p : series.histograms) samples[p.timestamp].histogram = p.histogram;
  return samples;
}

absl::Status CompareSeries(const Series& got, const SeriesLine& want, const EvalTimes& times) {
  std::map<TimestampMs, Got> left = SamplesOf(got);
  for (size_t i = 0; i < want.points.size(); ++i) {
    const std::optional<Wanted> wanted = WantedAt(want, i);
    if (!wanted) continue;
    const auto found = left.find(times.step_time(i));
    const std::string at = StrCat(" at ", times.step_time(i), " ms");
    if (found == left.end()) return Wrong(StrCat("no sample of ", want.labels.ToString(), at));
    RETURN_IF_ERROR(Compare(want.labels, found->second, *wanted, at));
    left.erase(found);
  }
  if (left.empty()) return absl::OkStatus();
  const auto& [time, sample] = *left.begin();
  return Wrong(StrCat("unwanted ", want.labels.ToString(), " ", Text(sample), " at ", time, " ms"));
}

absl::Status CompareMatrix(const Matrix& got, const EvalCommand& want, const EvalTimes& times) {
  size_t wanted_series = 0;
  for (const SeriesLine& line : want.series) {
    if (!HasPoints(line)) continue;
    ++wanted_series;
    const auto found = std::find_if(got.begin(), got.end(),
                                    [&](const auto& s) { return s.labels == line.labels; });
    if (found == got.end()) return Wrong(StrCat("no series ", line.labels.ToString()));
    RETURN_IF_ERROR(CompareSeries(*found, line, times));
  }
  if (got.size() == wanted_series) return absl::OkStatus();
  std::string all;
  for (const auto& s : got) {
    StrAppend(&all, "\n    ", s.labels.ToString(), " ", Text(SamplesOf(s).begin()->second));
  }
  return Wrong(StrCat(got.size(), " series instead of ", wanted_series, all));
}

absl::StatusOr<bool> TextMatches(const WantedText& want, std::string_view text) {
  if (want.exact) return text == *want.exact;
  if (!want.regex) return true;
  ASSIGN_OR_RETURN(const SearchRegex regex, SearchRegex::Create(*want.regex));
  return regex.Matches(text);
}

}  // namespace

absl::Status CompareValue(const Value& got, const EvalCommand& want) {
  if (const auto* text = std::get_if<StringValue>(&got)) {
    if (want.string == text->value) return absl::OkStatus();
    return Wrong(StrCat("string \"", text->value, "\""));
  }
  if (const auto* scalar = std::get_if<ScalarValue>(&got)) {
    if (want.scalar && AlmostEqual(scalar->value, *want.scalar)) return absl::OkStatus();
    return Wrong(StrCat("scalar ", FormatFloat(scalar->value)));
  }
  if (want.scalar || want.string) return Wrong("neither a scalar nor a string");
  if (const auto* matrix = std::get_if<Matrix>(&got)) {
    return CompareMatrix(*matrix, want, want.range_vector.value_or(want.times));
  }
  return CompareVector(std::get<InstantVector>(got), want);
}

absl::Status CompareStep(const Matrix& got, const EvalCommand& want, TimestampMs time) {
  const auto by_labels = [](const Series& a, const Series& b) { return a.labels < b.labels; };
  if (!std::is_sorted(got.begin(), got.end(), by_labels)) return Wrong("not sorted by labels");
  InstantVector at_time;
  for (const Series& series : got) {
    for (const auto& [timestamp, sample] : SamplesOf(series)) {
      if (timestamp != time) continue;
      at_time.push_back({series.labels, time, sample.value, sample.histogram});
    }
  }
  if (!want.scalar) return CompareVector(at_time, want);
  if (at_time.size() == 1 && AlmostEqual(at_time[0].value, *want.scalar)) return absl::OkStatus();
  return Wrong("another scalar");
}

absl::Status CompareTexts(std::string_view kind, const std::vector<WantedText>& want, bool none,
                          const std::set<std::string>& got) {
  if (none && !got.empty()) return Wrong(StrCat("unwanted ", kind, ": ", *got.begin()));
  for (const WantedText& wanted : want) {
    bool found = false;
    for (const std::string& text : got) {
      ASSIGN_OR_RETURN(const bool matches, TextMatches(wanted, text));
      found |= matches;
    }
    if (!found) return Wrong(StrCat("no such ", kind, got.empty() ? "" : ": " + *got.begin()));
  }
  if (want.empty()) return absl::OkStatus();
  for (const std::string& text : got) {
    bool found = false;
    for (const WantedText& wanted : want) {
      ASSIGN_OR_RETURN(const bool matches, TextMatches(wanted, text));
      found |= matches;
    }
    if (!found) return Wrong(StrCat("unwanted ", kind, ": ", text));
  }
  return absl::OkStatus();
}

absl::Status CompareError(const EvalCommand& want, const absl::Status& error) {
  for (const WantedText& wanted : want.fail) {
    ASSIGN_OR_RETURN(const bool matches, TextMatches(wanted, ToStd(error.message())));
    if (!matches) return Wrong(StrCat("another error: ", ToStd(error.message())));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::promql
