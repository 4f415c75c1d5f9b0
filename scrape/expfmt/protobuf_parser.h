#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"

#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// What is read of a histogram that is both classic and native.
struct HistogramChoice {
  bool native = false;          // else its classic series only, as if there were nothing more
  bool always_classic = false;  // the classic series of a native one with classic buckets, too
};

// Prometheus's protobuf format: messages `io.prometheus.client.MetricFamily`, each after a varint
// with its length. A timestamp of 0 is none.
// Classic histograms and summaries come as their series,
// `_count` and `_sum` first, with the bound in `le` and the quantile written as FormatBound does;
// `+Inf` is added where it is missing. An entry's series lies in the parser. The page outlives the
// parser. protozero is behind it. Cost: one pass over a family to find its name and one to read it;
// no allocation a sample but for native histograms.
// Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto.
class ProtobufParser : public ExpositionParser {
 public:
  ProtobufParser(std::string_view page, HistogramChoice choice);
  ~ProtobufParser() override;

  bool Next(ExpositionEntry& entry) override;
  absl::Status Labels(ExpositionLabels& labels) override;
  // InvalidArgument: `metric family 3 ("name"): reason`.
  absl::StatusOr<LabelSet> ExemplarLabels(const ExpositionExemplar& exemplar) override;
  const absl::Status& status() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::scrape
