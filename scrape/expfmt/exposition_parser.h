#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"
#include "base/model/native_histogram.h"
#include "base/model/timestamp.h"

namespace tidemark::scrape {

// One observation of those that a sample sums up, such as one request.
struct ExpositionExemplar {
  std::string_view labels;  // as they stand in the page, see ExpositionParser::ExemplarLabels
  double value = 0;
  std::optional<TimestampMs> timestamp;
};

// The bytes that name a series, by their number and SeededHash128; a size of 0 is no name.
struct SeriesName {
  Hash128 hash;
  uint32_t size = 0;
};

// The next thing that a page says. Views point into the page or the parser, and are valid until the
// parser reads on.
struct ExpositionEntry {
  enum class Kind { kSample, kHistogram, kHelp, kType, kUnit };  // what has a series first
  Kind kind = Kind::kSample;

  // kSample, kHistogram. `series` is all bytes that name the series, as they stand in the page or
  // as its parser writes them: the same bytes in another page of the same target are the same
  // series, so a cache can skip its labels.
  std::string_view series;
  // Set by the caller of Next: what the next series is if the page goes on as the one before did.
  // A parser that finds it there need not look for the end of the name, and says so.
  SeriesName expected;
  bool is_expected = false;  // kSample: `series` has the hash of `expected`
  std::optional<TimestampMs> timestamp;
  double value = 0;  // kSample
  // kSample: one at most; kHistogram.
  std::vector<ExpositionExemplar> exemplars;
  // kSample, kHistogram: when what is counted began to count; set where the page says so and its
  // parser was asked for it.
  std::optional<TimestampMs> created;
  // kHistogram: not validated. The parser does not look at it again.
  std::variant<HistogramSample, FloatHistogramSample> histogram;

  // kHelp, kType, kUnit: a metric family and what is said of it. In `text` a backslash before one
  // of `escaped` is an escape, see Unescape; `family` stands as in the page.
  std::string_view family, text, escaped;
};

// Pairs in the order of the page, `__name__` among them. A name occurs once; a value may be empty.
using ExpositionLabels = std::vector<std::pair<std::string, std::string>>;

// Pulls the entries out of one page, front to back; one implementation for each format. One thread.
class ExpositionParser {
 public:
  virtual ~ExpositionParser() = default;

  // Reads the next entry. False at the end of the page and at its first error; status() says which.
  virtual bool Next(ExpositionEntry& entry) = 0;

  // Replaces `labels` by the labels of the sample that Next gave last. What Next has not looked at,
  // the inside of the braces, is checked here.
  //   InvalidArgument  with line and reason, as in status()
  virtual absl::Status Labels(ExpositionLabels& labels) = 0;

  // The labels of an exemplar of the entry that Next gave last.
  //   InvalidArgument  they are damaged
  virtual absl::StatusOr<LabelSet> ExemplarLabels(const ExpositionExemplar&) { return LabelSet(); }

  // Ok, or InvalidArgument: "line 12: expected equal, got ...".
  virtual const absl::Status& status() const = 0;
};

}  // namespace tidemark::scrape
