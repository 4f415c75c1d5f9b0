#include "scrape/expfmt/prometheus_text_parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/labels/label_set.h"
#include "base/strings.h"
#include "scrape/expfmt/byte_scan.h"
#include "scrape/expfmt/expected_series.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/sample_value.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kEscaped = "\\n";  // in HELP

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

const char* SkipBlanks(const char* at, const char* end) {
  while (at != end && IsBlank(*at)) ++at;
  return at;
}

}  // namespace

PrometheusTextParser::PrometheusTextParser(std::string_view page)
    : begin_(page.data()), end_(page.data() + page.size()), at_(begin_), line_(begin_) {}

bool PrometheusTextParser::Next(ExpositionEntry& entry) {
  while (status_.ok()) {
    at_ = SkipBlanks(at_, end_);
    if (at_ == end_) return false;
    line_ = at_;
    if (*at_ == '\n') {
      ++at_;
    } else if (*at_ != '#') {
      return ReadSample(entry);
    } else if (ReadHash(entry)) {
      return true;
    }
  }
  return false;
}

bool PrometheusTextParser::ReadSample(ExpositionEntry& entry) {
  const char* const expected_end = SkipExpected(entry.expected, at_, end_);
  entry.is_expected = expected_end != nullptr;
  if (entry.is_expected) {
    series_ = Between(line_, expected_end);
    at_ = expected_end + 1;
  } else if (!ReadSeries()) {
    return false;
  }
  if (AtLineEnd()) return Fail("expected value after metric", at_);
  if (!ReadPlainDecimal(at_, end_, &entry.value) && !ReadSlowValue(&entry.value)) return false;
  at_ = SkipBlanks(at_, end_);
  entry.timestamp.reset();
  entry.exemplars.clear();
  entry.created.reset();
  if (!AtLineEnd() && !ReadTimestamp(entry)) return false;
  SkipLineEnd();
  entry.kind = ExpositionEntry::Kind::kSample;
  entry.series = series_;
  return true;
}

// Leaves at_ behind the blanks after the series.
bool PrometheusTextParser::ReadSeries() {
  const char* series_end = at_;
  if (StartsName(*at_)) {
    series_end = at_ = FindFirst<OutsideName>(at_, end_);
    at_ = SkipBlanks(at_, end_);
  } else if (*at_ != '{') {
    return Fail("expected a valid start token", at_);
  }
  if (at_ != end_ && *at_ == '{') {
    at_ = SkipLabels(at_);
    if (at_ == nullptr) return false;
    series_end = at_;
    at_ = SkipBlanks(at_, end_);
  }
  series_ = Between(line_, series_end);
  return true;
}

// Behind the brace that closes the one at `brace`; null after an error.
const char* PrometheusTextParser::SkipLabels(const char* brace) {
  LabelBlockError error;
  const char* const after = SkipBraces(brace, end_, &error);
  if (after == nullptr) Fail(error.reason, error.where);
  return after;
}

bool PrometheusTextParser::ReadSlowValue(double* value) {
  const char* const begin = at_;
  at_ = FindFirst<AnyOf<' ', '\t', '\n', '{'>>(at_, end_);
  const absl::StatusOr<double> parsed = ParseSampleValue(Between(begin, at_));
  if (!parsed.ok()) return Fail(ToStd(parsed.status().message()), begin);
  *value = *parsed;
  return true;
}

bool PrometheusTextParser::ReadTimestamp(ExpositionEntry& entry) {
  if (*at_ < '0' || *at_ > '9') return Fail("expected timestamp or new record", at_);
  const char* const begin = at_;
  TimestampMs timestamp = 0;
  const auto [after, error] = std::from_chars(at_, end_, timestamp);
  if (error != std::errc()) return Fail("timestamp out of range", begin);
  at_ = SkipBlanks(after, end_);
  if (!AtLineEnd()) return Fail("expected next entry after timestamp", at_);
  entry.timestamp = timestamp;
  return true;
}

bool PrometheusTextParser::ReadHash(ExpositionEntry& entry) {
  constexpr size_t kKeywordLength = 4;
  const char* const keyword = SkipBlanks(at_ + 1, end_);
  // "#HELP" and "# HELPER" are comments like any other.
  if (keyword != at_ + 1 && static_cast<size_t>(end_ - keyword) > kKeywordLength &&
      IsBlank(keyword[kKeywordLength])) {
    const std::string_view word(keyword, kKeywordLength);
    if (word == "HELP" || word == "TYPE") {
      at_ = SkipBlanks(keyword + kKeywordLength, end_);
      return ReadFamily(word, entry);
    }
  }
  at_ = FindLineEnd(at_, end_);
  SkipLineEnd();
  return false;
}

bool PrometheusTextParser::ReadFamily(std::string_view keyword, ExpositionEntry& entry) {
  const char* const name = at_;
  if (AtLineEnd()) return Fail(StrCat("expected metric name after ", keyword), name);
  if (*at_ == '"') {
    at_ = SkipQuoted(at_, end_);
    if (at_ == nullptr) return Fail(StrCat("expected metric name after ", keyword), name);
    entry.family = Between(name + 1, at_ - 1);
  } else if (StartsName(*at_)) {
    at_ = FindFirst<OutsideName>(at_, end_);
    entry.family = Between(name, at_);
  } else {
    return Fail(StrCat("expected metric name after ", keyword), name);
  }

  // Whatever byte follows the name parts it from the text.
  const char* const line_end = FindLineEnd(at_, end_);
  entry.text = at_ == line_end ? std::string_view() : Between(at_ + 1, line_end);
  entry.escaped = kEscaped;
  if (keyword == "TYPE") {
    entry.kind = ExpositionEntry::Kind::kType;
    if (!ReadType(entry.text)) return false;
  } else {
    entry.kind = ExpositionEntry::Kind::kHelp;
    const bool ascii = FindFirst<NotAscii>(at_, line_end) == line_end;
    if (!ascii && !IsValidUtf8(entry.text)) return Fail("help text is not valid UTF-8", at_);
  }
  at_ = line_end;
  SkipLineEnd();
  return true;
}

bool PrometheusTextParser::ReadType(std::string_view text) {
  if (text == "histogram") {
    type_ = FamilyType::kHistogram;
  } else if (text == "summary") {
    type_ = FamilyType::kSummary;
  } else if (text == "counter" || text == "gauge" || text == "untyped") {
    type_ = FamilyType::kOther;
  } else {
    return Fail(StrCat("invalid metric type ", Quoted(text)), line_);
  }
  return true;
}

absl::Status PrometheusTextParser::Labels(ExpositionLabels& labels) {
  LabelBlockError error;
  if (!ReadLabelBlock(series_, LabelSyntax::kPrometheusText, labels, &error)) {
    return ErrorAt(error.reason, error.where);
  }
  if (type_ == FamilyType::kOther) return absl::OkStatus();
  const std::string_view bound = type_ == FamilyType::kHistogram ? "le" : "quantile";
  for (auto& [name, value] : labels) {
    if (name == bound) value = NormalizeBound(value);
  }
  return absl::OkStatus();
}

bool PrometheusTextParser::Fail(std::string_view reason, const char* where) {
  status_ = ErrorAt(reason, where);
  return false;
}

absl::Status PrometheusTextParser::ErrorAt(std::string_view reason, const char* where) const {
  const auto line = 1 + std::count(begin_, where, '\n');
  const char* const line_end = FindLineEnd(where, end_);
  return absl::InvalidArgumentError(StrCat("line ", line, ": ", reason, ", got ",
                                           Quoted(Between(where, line_end)), " while parsing ",
                                           Quoted(Between(line_, line_end))));
}

}  // namespace tidemark::scrape
