#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "absl/status/status.h"

#include "base/model/native_histogram.h"
#include "base/model/series_ref.h"
#include "base/model/timestamp.h"
#include "base/model/wire_buckets.h"
#include "tsdb/appender.h"

namespace tidemark::http {

// A native histogram as remote write brings it; not validated.
struct WrittenHistogram {
  TimestampMs timestamp = 0;
  std::variant<HistogramSample, FloatHistogramSample> value;
  // InvalidArgument where a bucket of an integer histogram has a negative count, which `value`
  // cannot say. In Prometheus's words.
  absl::Status counts_error;
};

// Decodes `prometheus.Histogram` of remote write 1.0 and `io.prometheus.write.v2.Histogram`, whose
// fields are the same. Histograms with the layout of the one before share its object. protozero is
// behind it. One thread.
// Source: github.com/prometheus/prometheus, prompb/types.proto.
class HistogramReader {
 public:
  HistogramReader();
  //   InvalidArgument  `message` is damaged or of another type
  absl::Status Read(std::string_view message, WrittenHistogram* histogram);

 private:
  struct Fields;

  Fields ReadFields(std::string_view message);

  WireBuckets buckets_;
};

// Makes a histogram one that a store can take: a resolution above the highest is reduced to it.
//   InvalidArgument  it contradicts itself or has a schema that is not known; in Prometheus's words
absl::Status CheckHistogram(WrittenHistogram& histogram);

// Adds a checked histogram to the batch of `appender`.
void AppendHistogram(SeriesRef series, WrittenHistogram histogram, tsdb::Appender& appender);

}  // namespace tidemark::http
