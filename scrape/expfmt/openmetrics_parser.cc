#include "scrape/expfmt/openmetrics_parser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/byte_scan.h"
#include "scrape/expfmt/expected_series.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/sample_value.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kEof = "# EOF";
constexpr std::string_view kNoEof = "data does not end with # EOF";
constexpr std::string_view kExemplar = " # {";
constexpr std::string_view kEscaped = "\\\"n";  // in HELP and UNIT

}  // namespace

OpenMetricsParser::OpenMetricsParser(std::string_view page, Created created)
    : begin_(page.data()),
      end_(page.data() + page.size()),
      at_(begin_),
      line_(begin_),
      wants_created_(created == Created::kTimes) {}

bool OpenMetricsParser::Next(ExpositionEntry& entry) {
  while (status_.ok() && !ended_) {
    line_ = at_;
    if (at_ == end_) return Fail(kNoEof, at_);
    if (*at_ == '#') return ReadHash(entry);
    if (!ReadSample(entry)) return false;
    if (!wants_created_ || type_ == FamilyType::kOther) return true;
    entry.created = CreatedOf(series_);
    if (!IsCreatedSeries(series_)) return true;
  }
  return false;
}

std::optional<TimestampMs> OpenMetricsParser::CreatedOf(std::string_view series) {
  if (!read_ahead_) created_.Read(family_, {line_, static_cast<size_t>(end_ - line_)});
  read_ahead_ = true;
  return created_.Find(series, type_ == FamilyType::kHistogram ? "le"
                               : type_ == FamilyType::kSummary ? "quantile"
                                                               : "");
}

bool OpenMetricsParser::ReadSample(ExpositionEntry& entry) {
  const char* const expected_end = SkipExpected(entry.expected, at_, end_);
  entry.is_expected = expected_end != nullptr;
  if (entry.is_expected) {
    series_ = Between(at_, expected_end);
    at_ = expected_end;
  } else if (!ReadSeries()) {
    return false;
  }
  if (!ReadFloat("expected value after metric", &entry.value)) return false;
  entry.timestamp.reset();
  entry.exemplars.clear();
  entry.created.reset();
  if (At(' ')) {
    if (!AtText(kExemplar) && !ReadTimestamp(entry.timestamp)) return false;
    if (AtText(kExemplar) && !ReadExemplar(entry)) return false;
  }
  if (!ReadLineEnd("expected timestamp, exemplar or new record")) return false;
  entry.kind = ExpositionEntry::Kind::kSample;
  entry.series = series_;
  return true;
}

bool OpenMetricsParser::ReadSeries() {
  const char* const begin = at_;
  if (StartsName(*at_)) {
    at_ = FindFirst<OutsideName>(at_, end_);
  } else if (*at_ != '{') {
    return Fail("expected a valid start token", at_);
  }
  if (At('{')) {
    LabelBlockError error;
    at_ = SkipBraces(at_, end_, &error);
    if (at_ == nullptr) return Fail(error.reason, error.where);
  }
  series_ = Between(begin, at_);
  return true;
}

// A blank and seconds.
bool OpenMetricsParser::ReadTimestamp(std::optional<TimestampMs>& timestamp) {
  const char* const begin = at_;
  double seconds = 0;
  if (!ReadFloat("expected timestamp", &seconds)) return false;
  if (!std::isfinite(seconds)) return Fail("invalid timestamp", begin);
  timestamp = WholeMilliseconds(seconds);
  return true;
}

// ` # {labels} value [timestamp]`
bool OpenMetricsParser::ReadExemplar(ExpositionEntry& entry) {
  const char* const labels = at_ + kExemplar.size() - 1;
  LabelBlockError error;
  at_ = SkipExemplarLabels(labels, end_, &error);
  if (at_ == nullptr) return Fail(error.reason, error.where);
  ExpositionExemplar& exemplar = entry.exemplars.emplace_back();
  exemplar.labels = Between(labels, at_);
  if (!ReadFloat("expected value after exemplar labels", &exemplar.value)) return false;
  return !At(' ') || ReadTimestamp(exemplar.timestamp);
}

bool OpenMetricsParser::ReadLineEnd(std::string_view otherwise) {
  if (!At('\n')) return Fail(at_ == end_ ? kNoEof : otherwise, at_);
  ++at_;
  return true;
}

bool OpenMetricsParser::ReadHash(ExpositionEntry& entry) {
  if (AtText(kEof)) {
    at_ += kEof.size();
    if (At('\n')) ++at_;
    if (at_ != end_) return Fail("unexpected data after # EOF", at_);
    ended_ = true;
    return false;
  }
  constexpr size_t kKeywordLength = 7;
  const std::string_view keyword = Rest().substr(0, kKeywordLength);
  if (keyword != "# HELP " && keyword != "# TYPE " && keyword != "# UNIT ") {
    return Fail("expected a valid start token", at_);
  }
  at_ += kKeywordLength;
  return ReadFamily(keyword.substr(2, 4), entry);
}

bool OpenMetricsParser::ReadFamily(std::string_view keyword, ExpositionEntry& entry) {
  const char* const name = at_;
  if (At('"')) {
    at_ = SkipQuoted(at_, end_);
    if (at_ != nullptr) entry.family = Between(name + 1, at_ - 1);
  } else if (at_ != end_ && StartsName(*at_)) {
    at_ = FindFirst<OutsideName>(at_, end_);
    entry.family = Between(name, at_);
  } else {
    at_ = nullptr;
  }
  if (at_ == nullptr) return Fail(StrCat("expected metric name after ", keyword), name);
  if (!At(' ')) return Fail(StrCat("expected text in ", keyword), at_);

  const char* const text = ++at_;
  at_ = FindLineEnd(at_, end_);
  entry.text = Between(text, at_);
  entry.escaped = kEscaped;
  if (!ReadLineEnd(kNoEof)) return false;
  if (keyword == "TYPE") {
    entry.kind = ExpositionEntry::Kind::kType;
    family_ = entry.family;
    read_ahead_ = false;
    return ReadType(entry.text, text);
  }
  if (keyword == "UNIT") {
    entry.kind = ExpositionEntry::Kind::kUnit;
    return CheckUnit(entry.family, entry.text, text);
  }
  entry.kind = ExpositionEntry::Kind::kHelp;
  const bool ascii = FindFirst<NotAscii>(text, at_) == at_;
  return ascii || IsValidUtf8(entry.text) || Fail("help text is not valid UTF-8", text);
}

bool OpenMetricsParser::CheckUnit(std::string_view family, std::string_view unit,
                                  const char* where) {
  const bool fits = unit.empty() || (family.size() > unit.size() && family.ends_with(unit) &&
                                     family[family.size() - unit.size() - 1] == '_');
  if (fits) return true;
  return Fail(StrCat("unit ", Quoted(unit), " not a suffix of metric ", Quoted(family)), where);
}

bool OpenMetricsParser::ReadType(std::string_view text, const char* where) {
  constexpr std::array<std::string_view, 8> kTypes = {
      "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"};
  if (std::find(kTypes.begin(), kTypes.end(), text) == kTypes.end()) {
    return Fail(StrCat("invalid metric type ", Quoted(text)), where);
  }
  type_ = text == "histogram" ? FamilyType::kHistogram
          : text == "summary" ? FamilyType::kSummary
          : text == "counter" ? FamilyType::kCounter
                              : FamilyType::kOther;
  return true;
}

absl::Status OpenMetricsParser::Labels(ExpositionLabels& labels) {
  LabelBlockError error;
  if (!ReadLabelBlock(series_, LabelSyntax::kOpenMetrics, labels, &error)) {
    return ErrorAt(error.reason, error.where);
  }
  if (type_ != FamilyType::kHistogram && type_ != FamilyType::kSummary) return absl::OkStatus();
  const std::string_view bound = type_ == FamilyType::kHistogram ? "le" : "quantile";
  for (auto& [name, value] : labels) {
    if (name == bound) value = NormalizeBound(value);
  }
  return absl::OkStatus();
}

absl::StatusOr<LabelSet> OpenMetricsParser::ExemplarLabels(const ExpositionExemplar& exemplar) {
  return ReadExemplarLabels(exemplar.labels);
}

// A blank and a number; fails with `otherwise` where they are not there.
bool OpenMetricsParser::ReadFloat(std::string_view otherwise, double* value) {
  if (!At(' ')) return Fail(otherwise, at_);
  const char* const begin = ++at_;
  if (at_ != end_ && ReadPlainDecimal(at_, end_, value)) return true;
  at_ = FindFirst<AnyOf<' ', '\n'>>(begin, end_);
  if (at_ == begin) return Fail(otherwise, begin);
  const absl::StatusOr<double> parsed = ParseSampleValue(Between(begin, at_));
  if (!parsed.ok()) return Fail(ToStd(parsed.status().message()), begin);
  *value = *parsed;
  return true;
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
