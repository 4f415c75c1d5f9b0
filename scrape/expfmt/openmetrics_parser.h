#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "scrape/expfmt/created_times.h"
#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// OpenMetrics text, 0.0.1 and 1.0.0, read as the Prometheus server reads it:
//   # HELP family text \\ \" \n
//   # TYPE family counter|gauge|histogram|gaugehistogram|summary|info|stateset|unknown
//   # UNIT family unit
//   name{label="value \\ \" \n",...} 1.5 1700000000.123 # {trace_id="a"} 0.7 1700000000.1
//   {"a name","a label"="value"} NaN
//   # EOF
// Strict about lines: one blank between tokens and none elsewhere, a comma between labels, no empty
// lines, a line feed at each end, `# EOF` at the end of the page and nothing behind it, a unit that
// ends its family's name. What the standard demands of a family beyond that - names and order of
// its samples, values that fit the type - is for CheckOpenMetrics; a server takes it as it comes.
// Timestamps are seconds and come as WholeMilliseconds has them. The value of `le` in a histogram,
// and of `quantile` in a summary, comes as NormalizeBound writes it. Escapes in the labels of
// exemplars are undone (Prometheus leaves them). The page outlives the parser.
// Cost: one pass, no allocation in Next while there is no error.
// Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
class OpenMetricsParser : public ExpositionParser {
 public:
  enum class Created {
    kSeries,  // `_created` lines are series like any other
    kTimes,  // those of counters, summaries and histograms are told with the samples, and no series
  };
  explicit OpenMetricsParser(std::string_view page, Created created = Created::kSeries);

  bool Next(ExpositionEntry& entry) override;
  absl::Status Labels(ExpositionLabels& labels) override;
  absl::StatusOr<LabelSet> ExemplarLabels(const ExpositionExemplar& exemplar) override;
  const absl::Status& status() const override { return status_; }

 private:
  enum class FamilyType { kCounter, kHistogram, kSummary, kOther };

  bool ReadSample(ExpositionEntry& entry);
  std::optional<TimestampMs> CreatedOf(std::string_view series);
  bool ReadSeries();
  bool ReadTimestamp(std::optional<TimestampMs>& timestamp);
  bool ReadExemplar(ExpositionEntry& entry);
  bool ReadLineEnd(std::string_view otherwise);
  // Reads the line whose `#` is at at_. False at `# EOF`, and after an error.
  bool ReadHash(ExpositionEntry& entry);
  bool ReadFamily(std::string_view keyword, ExpositionEntry& entry);
  bool ReadType(std::string_view text, const char* where);
  bool CheckUnit(std::string_view family, std::string_view unit, const char* where);

  bool ReadFloat(std::string_view otherwise, double* value);
  bool At(char c) const { return at_ != end_ && *at_ == c; }
  bool AtText(std::string_view text) const { return Rest().starts_with(text); }
  std::string_view Rest() const { return {at_, static_cast<size_t>(end_ - at_)}; }
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

  const bool wants_created_;
  std::string_view family_;  // of the last TYPE line
  bool read_ahead_ = false;  // created_ is that of the family
  CreatedTimes created_;
};

}  // namespace tidemark::scrape
