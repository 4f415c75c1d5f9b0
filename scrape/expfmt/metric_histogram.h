#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"

#include "base/model/native_histogram.h"
#include "base/model/timestamp.h"
#include "base/model/wire_buckets.h"

namespace tidemark::scrape {

// A histogram as a protobuf page has it: classic buckets, a native histogram, or both. One object
// reads one message after another and keeps its capacity. protozero is behind it. One thread.
// Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto.
class MetricHistogram {
 public:
  struct Bucket {
    double upper_bound = 0;
    double cumulative_count = 0;
    std::string_view exemplar = {};  // the message; data() is null where there is none
  };

  MetricHistogram();
  // Views into `message` stay in what was read.
  //   InvalidArgument  `message` is damaged or of another type
  absl::Status Read(std::string_view message);

  // What was read last. The count and the sum are those of both kinds.
  double count() const { return has_float_count() ? float_count_ : static_cast<double>(count_); }
  double sum() const { return sum_; }
  std::optional<TimestampMs> created() const { return created_; }  // when it began to count
  const std::vector<Bucket>& buckets() const { return buckets_; }
  // Exemplars of the native histogram, messages.
  const std::vector<std::string_view>& exemplars() const { return exemplars_; }
  // As Prometheus decides it: there are spans, maybe empty ones, or there is a zero bucket.
  bool is_native() const {
    const HistogramLayout& layout = native_.layout();
    return !layout.positive_spans.empty() || !layout.negative_spans.empty() ||
           layout.zero_threshold > 0 || native_.zero_count() > 0;
  }
  // The native histogram, not validated. One with the layout of the one before shares its object.
  //   InvalidArgument  a bucket has a negative count
  absl::Status MakeNative(bool is_gauge,
                          std::variant<HistogramSample, FloatHistogramSample>* native);

 private:
  void ReadFields(std::string_view message);
  bool has_float_count() const { return float_count_ > 0; }

  uint64_t count_ = 0;
  double float_count_ = 0, sum_ = 0;
  std::optional<TimestampMs> created_;
  std::vector<Bucket> buckets_;
  std::vector<std::string_view> exemplars_;
  WireBuckets native_;
};

}  // namespace tidemark::scrape
