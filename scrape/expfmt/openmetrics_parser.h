#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// OpenMetrics 1.0 text as backfilling needs it:
//   # HELP family text \\ \" \n
//   # TYPE family counter|gauge|histogram|gaugehistogram|summary|info|stateset|unknown
//   # UNIT family unit
//   name{label="value", ...} 1.5 1700000000.123 # {trace_id="a"} 0.7 1700000000.1
//   # EOF
// Strict about lines: one blank between tokens, none elsewhere, no empty lines, `# EOF` at the end
// and nothing behind it, a unit that ends its family's name. Timestamps are seconds and come as the
// nearest millisecond. Exemplars are checked for their form and left out, and so are UNIT lines.
// What is not checked: the order and names of a family's samples against its type, and commas
// between labels. The value of `le` in histograms, and of `quantile` in a summary, comes as
// NormalizeBound writes it. The page outlives the parser. Cost: one pass, no allocation in Next
// while there is no error.
// Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
class OpenMetricsParser : public ExpositionParser {
 public:
  explicit OpenMetricsParser(std::string_view page);

  bool Next(ExpositionEntry& entry) override;
  absl::Status Labels(ExpositionLabels& labels) override;
  const absl::Status& status() const override { return status_; }

 private:
  enum class FamilyType { kHistogram, kSummary, kOther };

  bool ReadSample(ExpositionEntry& entry);
  bool ReadSeries();
  bool ReadTimestamp(TimestampMs* timestamp);
  bool ReadExemplar();
  // Reads the line whose `#` is at at_. Without a family it has nothing for the caller.
  bool ReadHash(ExpositionEntry& entry);
  bool ReadEof();
  bool ReadType(std::string_view text, const char* where);

  bool ReadFloat(std::string_view what, double* value);
  bool Skip(char c, std::string_view otherwise);  // fails with `otherwise` where at_ is not at `c`
  bool At(char c) const { return at_ != end_ && *at_ == c; }
  const char* SkipLabels(const char* brace);
  // Ends the page: InvalidArgument with the line of `where`, `reason` and what stands there. False.
  bool Fail(std::string_view reason, const char* where);
  absl::Status ErrorAt(std::string_view reason, const char* where) const;

  const char* const begin_;
  const char* const end_;
  const char* at_;                        // what Next reads next
  const char* line_;                      // where the entry begins that Next read last
  bool ended_ = false;                    // at `# EOF`
  std::string_view series_;               // of the last sample
  FamilyType type_ = FamilyType::kOther;  // of the last TYPE line
  absl::Status status_;
};

}  // namespace tidemark::scrape
