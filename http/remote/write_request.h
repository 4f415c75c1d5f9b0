#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/exemplar.h"
#include "base/model/sample.h"
#include "http/remote/histogram_message.h"

namespace tidemark::http {

// One series of a remote-write request.
struct WrittenSeries {
  // The labels as they were sent, each field with its tag and length: the same bytes for the same
  // labels from the same sender. Valid until the next series is read.
  std::string_view raw_labels;
  std::vector<Sample> samples;
  std::vector<WrittenHistogram> histograms;
  std::vector<Exemplar> exemplars;

  size_t num_samples() const { return samples.size() + histograms.size(); }
};

// Reads the messages of a `prometheus.WriteRequest`, remote write 1.0, one series after another and
// without copying them. Metadata is counted and passed over. protozero is behind it. One thread.
// Source: github.com/prometheus/prometheus, prompb/remote.proto and prompb/types.proto.
class WriteRequestReader {
 public:
  // `message` is uncompressed and outlives the reader.
  explicit WriteRequestReader(std::string_view message);
  ~WriteRequestReader();

  // Reads the next series; false where there is none.
  //   InvalidArgument  the message is damaged, truncated or of another type
  absl::StatusOr<bool> Next(WrittenSeries& series);
  // Of what was read so far.
  size_t num_metadata() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The labels of `raw_labels`; nullopt for labels that no series may have: without a metric name,
// with a name twice, with an empty name, or not UTF-8.
//   InvalidArgument  the bytes are no labels
absl::StatusOr<std::optional<LabelSet>> ParseRawLabels(std::string_view raw_labels);

}  // namespace tidemark::http
