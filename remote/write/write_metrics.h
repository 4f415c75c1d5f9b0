#pragma once

#include <string>
#include <string_view>

#include "base/metrics.h"

namespace tidemark::remote {

// Prometheus's metrics of a queue, by their names: `prometheus_remote_storage_*`.
struct WriteMetrics {
  // Of what is sent: samples, histograms, exemplars.
  struct OfType {
    OfType(MetricRegistry& registry, std::string_view type, const MetricLabels& labels);
    Counter &sent, &failed, &retried;
    Counter &too_old, &dropped_series, &unknown_series;  // dropped, by reason
    Gauge& pending;
  };

  WriteMetrics(MetricRegistry& registry, const std::string& name, const std::string& url);

  MetricLabels labels;
  OfType samples, histograms;
  Counter &metadata, &metadata_failed, &metadata_retried, &bytes, &metadata_bytes;
  Counter &batches_lost, &histograms_not_sent;
  Gauge &shards, &shards_max, &shards_min, &shards_desired, &shard_capacity, &max_samples_per_send;
  Gauge &highest_timestamp, &highest_sent_timestamp;
  Gauge& highest_timestamp_in;  // of all queues
  Histogram& batch_seconds;
};

}  // namespace tidemark::remote
