#include "scrape/expfmt/openmetrics_parser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/byte_scan.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/sample_value.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kEof = "# EOF";
constexpr double kMaxSeconds = 9.2e15;  // whose milliseconds fit 64 bits

}  // namespace

OpenMetricsParser::OpenMetricsParser(std::string_view page)
    : begin_(page.data()), end_(page.data() + page.size()), at_(begin_), line_(begin_) {}

bool OpenMetricsParser::Next(ExpositionEntry& entry) {
  while (status_.ok() && !ended_) {
    line_ = at_;
    if (at_ == end_) return Fail("data does not end with # EOF", at_);
    if (*at_ != '#') return ReadSample(entry);
    entry.family = {};
    if (!ReadHash(entry)) return false;
    if (!entry.family.empty()) return true;
  }
  return false;
}

bool OpenMetricsParser::ReadSample(ExpositionEntry& entry) {
  if (!ReadSeries() || !Skip(' ', "expected a blank and a value after metric")) return false;
  if (!ReadFloat("value", &entry.value)) return false;
  entry.timestamp.reset();
  if (At(' ') && Between(at_, end_).substr(0, 2) != " #") {
    ++at_;
    TimestampMs timestamp = 0;
    if (!ReadTimestamp(&timestamp)) return false;
    entry.timestamp = timestamp;
  }
  if (At(' ') && !ReadExemplar()) return false;
  if (!Skip('\n', "expected the end of the line")) return false;
  entry.kind = ExpositionEntry::Kind::kSample;
  entry.series = series_;
  return true;
}

bool OpenMetricsParser::ReadSeries() {
  const char* const begin = at_;
  if (StartsName(*at_)) {
    at_ = FindFirst<OutsideName>(at_, end_);
  } else if (*at_ != '{') {
    return Fail("expected a metric name", at_);
  }
  if (At('{')) {
    at_ = SkipLabels(at_);
    if (at_ == nullptr) return false;
  }
  series_ = Between(begin, at_);
  return true;
}

bool OpenMetricsParser::ReadTimestamp(TimestampMs* timestamp) {
  const char* const begin = at_;
  double seconds = 0;
  if (!ReadFloat("timestamp", &seconds)) return false;
  if (!(std::abs(seconds) <= kMaxSeconds)) return Fail("invalid timestamp", begin);
  *timestamp = std::llround(seconds * 1000);
  return true;
}

// ` # {labels} value [timestamp]`
bool OpenMetricsParser::ReadExemplar() {
  if (Between(at_, end_).substr(0, 4) != " # {") return Fail("expected an exemplar", at_);
  at_ += 3;
  at_ = SkipLabels(at_);
  if (at_ == nullptr) return false;
  double value = 0;
  if (!Skip(' ', "expected a blank and a value in an exemplar")) return false;
  if (!ReadFloat("value", &value)) return false;
  if (!At(' ')) return true;
  ++at_;
  TimestampMs timestamp = 0;
  return ReadTimestamp(&timestamp);
}

bool OpenMetricsParser::ReadHash(ExpositionEntry& entry) {
  const char* const line_end = FindLineEnd(at_, end_);
  if (Between(at_, line_end) == kEof) return ReadEof();
  const std::string_view keyword = Between(at_, line_end).substr(0, 7);
  if (keyword != "# HELP " && keyword != "# TYPE " && keyword != "# UNIT ") {
    return Fail("expected HELP, TYPE, UNIT or EOF", at_);
  }
  at_ += keyword.size();
  const char* const name = at_;
  if (At('"')) {
    at_ = SkipQuoted(at_, end_);
    if (at_ == nullptr) return Fail("expected metric name", name);
    entry.family = Between(name + 1, at_ - 1);
  } else {
    at_ = FindFirst<OutsideName>(at_, end_);
    entry.family = Between(name, at_);
    if (entry.family.empty() || !StartsName(*name)) return Fail("expected metric name", name);
  }
  if (!Skip(' ', "expected a blank after metric name")) return false;
  const char* const text = at_;
  if (line_end == end_) return Fail("data does not end with # EOF", line_end);
  entry.text = Between(at_, line_end);
  at_ = line_end + 1;
  if (keyword == "# TYPE ") {
    entry.kind = ExpositionEntry::Kind::kType;
    return ReadType(entry.text, text);
  }
  if (keyword == "# UNIT ") {
    const bool fits = entry.text.empty() || entry.family.ends_with(StrCat("_", entry.text));
    entry.family = {};  // nothing for the caller
    return fits || Fail("unit is not a suffix of the metric", text);
  }
  entry.kind = ExpositionEntry::Kind::kHelp;
  return IsValidUtf8(entry.text) || Fail("help text is not valid UTF-8", text);
}

bool OpenMetricsParser::ReadEof() {
  at_ += kEof.size();
  if (At('\n')) ++at_;
  if (at_ != end_) return Fail("unexpected data after # EOF", at_);
  ended_ = true;
  return true;
}

bool OpenMetricsParser::ReadType(std::string_view text, const char* where) {
  constexpr std::array<std::string_view, 8> kTypes = {
      "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"};
  if (std::find(kTypes.begin(), kTypes.end(), text) == kTypes.end()) {
    return Fail(StrCat("invalid metric type ", Quoted(text)), where);
  }
  const bool histogram = text == "histogram" || text == "gaugehistogram";
  type_ = histogram           ? FamilyType::kHistogram
          : text == "summary" ? FamilyType::kSummary
                              : FamilyType::kOther;
  return true;
}

absl::Status OpenMetricsParser::Labels(ExpositionLabels& labels) {
  LabelBlockError error;
  if (!ReadLabelBlock(series_, labels, &error)) return ErrorAt(error.reason, error.where);
  if (type_ == FamilyType::kOther) return absl::OkStatus();
  const std::string_view bound = type_ == FamilyType::kHistogram ? "le" : "quantile";
  for (auto& [name, value] : labels) {
    if (name == bound) value = NormalizeBound(value);
  }
  return absl::OkStatus();
}

bool OpenMetricsParser::ReadFloat(std::string_view what, double* value) {
  const char* const begin = at_;
  if (at_ != end_ && ReadPlainDecimal(at_, end_, value)) return true;
  at_ = FindFirst<AnyOf<' ', '\n'>>(begin, end_);
  if (at_ == begin) return Fail(StrCat("expected ", what), begin);
  const absl::StatusOr<double> parsed = ParseSampleValue(Between(begin, at_));
  if (!parsed.ok()) return Fail(ToStd(parsed.status().message()), begin);
  *value = *parsed;
  return true;
}

bool OpenMetricsParser::Skip(char c, std::string_view otherwise) {
  if (!At(c)) return Fail(otherwise, at_);
  ++at_;
  return true;
}

// Behind the brace that closes the one at `brace`; null after an error.
const char* OpenMetricsParser::SkipLabels(const char* brace) {
  LabelBlockError error;
  const char* const after = SkipBraces(brace, end_, &error);
  if (after == nullptr) Fail(error.reason, error.where);
  return after;
}

bool OpenMetricsParser::Fail(std::string_view reason, const char* where) {
  status_ = ErrorAt(reason, where);
  return false;
}

absl::Status OpenMetricsParser::ErrorAt(std::string_view reason, const char* where) const {
  const auto line = 1 + std::count(begin_, where, '\n');
  const char* const line_end = FindLineEnd(where, end_);
  return absl::InvalidArgumentError(StrCat("line ", line, ": ", reason, ", got ",
                                           Quoted(Between(where, line_end)), " while parsing ",
                                           Quoted(Between(line_, FindLineEnd(line_, end_)))));
}

}  // namespace tidemark::scrape
