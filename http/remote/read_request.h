#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::http {

// What a query of remote read asks for.
struct ReadQuery {
  std::vector<LabelMatcher> matchers;  // none select nothing, as in Prometheus
  TimeRange range;                     // may be empty: min > max
  bool labels_only = false;            // the samples of the series are not wanted
};

enum class ReadResponseType : int32_t { kSamples = 0, kStreamedXorChunks = 1 };

struct ReadRequest {
  std::vector<ReadQuery> queries;
  ReadResponseType response_type = ReadResponseType::kSamples;
};

// What one request may ask for: that of Prometheus has one query.
inline constexpr size_t kMaxReadQueries = 1000, kMaxReadMatchers = 1000;

// Reads a `prometheus.ReadRequest`, uncompressed. The type of the response is the first of the
// accepted ones that we have. Hints that narrow the time do so; of the function "series" is taken
// to want labels only; the others change nothing. Matchers that are equal to an external label ask
// for series without that label, as it is added to what is read. protozero is behind it.
// Source: github.com/prometheus/prometheus, prompb/remote.proto and storage/remote.
//   InvalidArgument    damaged, an unknown kind of matcher, a bad regular expression, or no
//                      response type that we have
//   ResourceExhausted  more than kMaxReadQueries queries or kMaxReadMatchers matchers in all
absl::StatusOr<ReadRequest> ParseReadRequest(std::string_view message,
                                             const LabelSet& external_labels);

}  // namespace tidemark::http
