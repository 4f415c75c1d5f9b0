#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"

#include "base/model/native_histogram.h"

namespace protozero {
class pbf_reader;
}  // namespace protozero

namespace tidemark {

// The buckets of native histograms as protobuf messages have them: ten fields that are the same,
// and in the same order, in remote write's messages and in those of scraped pages, one after
// another. One object takes one histogram after another and keeps its capacity. One thread.
//   schema, zero threshold, zero count as integer, zero count as float, then of the negative and of
//   the positive buckets: spans, counts as integers, each as its difference from the one before,
//   counts as floats
class WireBuckets {
 public:
  // The number that the schema's field has.
  explicit WireBuckets(uint32_t first_field) : first_field_(first_field) {}

  void Clear();
  // Takes the field at which `reader` stands; false, with nothing done, where it is none of the ten
  // or of the wrong type. Throws a protozero::exception where it is damaged.
  bool TakeField(protozero::pbf_reader& reader);
  // The field at which `reader` stands is that of the bounds of custom buckets.
  void TakeCustomValues(protozero::pbf_reader& reader);

  const HistogramLayout& layout() const { return layout_; }
  uint64_t zero_count() const { return zero_count_; }
  double float_zero_count() const { return float_zero_count_; }

  // What was taken, not validated, as a histogram. One with the layout of the one before shares its
  // object.
  HistogramSample Integer(CounterResetHint hint, uint64_t count, double sum);
  FloatHistogramSample Float(CounterResetHint hint, double count, double sum);
  // Whether no bucket of the integer histogram has a negative count, which it cannot say.
  //   InvalidArgument  one has; in Prometheus's words
  absl::Status CheckCounts() const;

 private:
  const std::shared_ptr<const HistogramLayout>& SharedLayout();

  const uint32_t first_field_;
  uint64_t zero_count_ = 0;
  double float_zero_count_ = 0;
  HistogramLayout layout_;  // of the message being read
  std::shared_ptr<const HistogramLayout> last_layout_;
  std::vector<uint64_t> positive_, negative_;
  std::vector<double> positive_floats_, negative_floats_;
};

}  // namespace tidemark
