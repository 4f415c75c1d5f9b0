#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// Prometheus's text format 0.0.4, and 1.0.0 with names in quotes, read as the Prometheus server
// reads it:
//   # HELP family any text \\ \n
//   # TYPE family counter|gauge|histogram|summary|untyped
//   # any other comment
//   name{label="value \\ \" \n", ...} 1.5 1700000000000
//   {"a name", "a label"="value"} NaN
// Tokens stand apart by blanks and tabs or by nothing where that is clear; commas between labels
// may be missing; timestamps are milliseconds without a sign; a line feed may be in quotes; the
// last one of the page may be missing. Departs from Prometheus in this: blanks before a name are
// no part of the name, a NUL byte outside quotes and comments is an error instead of the end, and
// a label name that occurs twice is an error already here.
// The value of `le` in a histogram, and of `quantile` in a summary, comes as NormalizeBound writes
// it. The page outlives the parser. Cost: one pass, no allocation in Next while there is no error.
class PrometheusTextParser : public ExpositionParser {
 public:
  explicit PrometheusTextParser(std::string_view page);

  bool Next(ExpositionEntry& entry) override;
  absl::Status Labels(ExpositionLabels& labels) override;
  const absl::Status& status() const override { return status_; }

 private:
  enum class FamilyType { kHistogram, kSummary, kOther };

  bool ReadSample(ExpositionEntry& entry);
  bool ReadSeries();
  bool ReadTimestamp(ExpositionEntry& entry);
  bool ReadSlowValue(double* value);
  const char* SkipLabels(const char* brace);
  // Reads the line whose `#` is at at_. False where it has nothing for the caller, be it a comment
  // or an error.
  bool ReadHash(ExpositionEntry& entry);
  bool ReadFamily(std::string_view keyword, ExpositionEntry& entry);
  bool ReadType(std::string_view text);

  bool AtLineEnd() const { return at_ == end_ || *at_ == '\n'; }
  void SkipLineEnd() {
    if (at_ != end_) ++at_;
  }
  // Ends the page: InvalidArgument with the line of `where`, `reason` and what stands there. False.
  bool Fail(std::string_view reason, const char* where);
  absl::Status ErrorAt(std::string_view reason, const char* where) const;

  const char* const begin_;
  const char* const end_;
  const char* at_;                        // what Next reads next
  const char* line_;                      // where the entry begins that Next read last
  std::string_view series_;               // of the last sample
  FamilyType type_ = FamilyType::kOther;  // of the last TYPE line
  absl::Status status_;
};

}  // namespace tidemark::scrape
