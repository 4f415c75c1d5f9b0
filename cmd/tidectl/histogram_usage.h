#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/json_value.h"

namespace tidemark::tidectl {

// How many buckets histograms use: what promtool's `query analyze` prints of the answers to range
// selectors.
class HistogramUsage {
 public:
  // Takes the matrix of one selector: series without floats are native histograms, series named
  // `*_bucket` with an `le` are classic ones, others and those of a single scrape are passed over.
  // Appends to `out` a line a histogram, classic ones after native ones and by name:
  // `- x_bucket{job="a"} (classic): MIN/AVG/MAX populated buckets[/TOTAL]`.
  //   FailedPrecondition  not a matrix, or the buckets of a histogram have different times
  absl::Status Add(const JsonValue& data, std::string* out);

  // Minimum, average and maximum of these figures over all histograms that were added.
  std::string Summary() const;

 private:
  struct Kind {
    const char *title, *name;
    std::vector<int> minima = {}, averages = {}, maxima = {}, totals = {};  // by histogram
  };

  static std::string Summary(const Kind& kind);
  // Of a histogram: how many buckets were populated in each scrape, and how many it has.
  static void AddLine(const std::string& series, const std::vector<int>& populated, size_t total,
                      Kind& kind, std::string* out);
  void AddNative(const JsonValue& series, std::string* out);
  absl::Status AddClassic(const std::string& name, const std::vector<JsonValue>& series,
                          std::string* out);

  Kind native_{"Native", "native"}, classic_{"Classic", "classic"};
};

}  // namespace tidemark::tidectl
