#pragma once

#include <string>
#include <utility>

#include "base/metrics.h"

namespace tidemark::http {

// What the remote-write receiver counts.
struct WriteMetrics {
  explicit WriteMetrics(MetricRegistry& metrics)
      : invalid_labels(metrics.AddCounter(
            "prometheus_api_remote_write_invalid_labels_samples_total",
            "Samples of remote write dropped because their labels are no label set.")),
        metadata(Unsupported("metadata", metrics)) {}

  Counter& invalid_labels;
  // Received and not stored yet.
  Counter& metadata;

 private:
  static Counter& Unsupported(std::string type, MetricRegistry& metrics) {
    return metrics.AddCounter("tidemark_api_remote_write_unsupported_total",
                              "What was received by remote write and cannot be stored yet.",
                              {{"type", std::move(type)}});
  }
};

}  // namespace tidemark::http
