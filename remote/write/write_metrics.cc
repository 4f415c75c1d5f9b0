#include "remote/write/write_metrics.h"

#include "base/strings.h"

namespace tidemark::remote {
namespace {

MetricLabels With(MetricLabels labels, std::string_view name, std::string_view value) {
  labels.emplace_back(name, value);
  return labels;
}

}  // namespace

WriteMetrics::OfType::OfType(MetricRegistry& registry, std::string_view type,
                             const MetricLabels& labels)
    : sent(registry.AddCounter(StrCat("prometheus_remote_storage_", type, "_total"),
                               StrCat("Sent to remote storage: ", type, "."), labels)),
      failed(registry.AddCounter(StrCat("prometheus_remote_storage_", type, "_failed_total"),
                                 StrCat("Refused by remote storage for good: ", type, "."),
                                 labels)),
      retried(registry.AddCounter(
          StrCat("prometheus_remote_storage_", type, "_retried_total"),
          StrCat("In requests that failed and are to be sent again: ", type, "."), labels)),
      too_old(registry.AddCounter(StrCat("prometheus_remote_storage_", type, "_dropped_total"),
                                  StrCat("Read and not sent: ", type, "."),
                                  With(labels, "reason", "too_old"))),
      dropped_series(registry.AddCounter(
          StrCat("prometheus_remote_storage_", type, "_dropped_total"),
          StrCat("Read and not sent: ", type, "."), With(labels, "reason", "dropped_series"))),
      unknown_series(
          registry.AddCounter(StrCat("prometheus_remote_storage_", type, "_dropped_total"),
                              StrCat("Read and not sent: ", type, "."),
                              With(labels, "reason", "unintentionally_dropped_series"))),
      pending(registry.AddGauge(StrCat("prometheus_remote_storage_", type, "_pending"),
                                StrCat("Read and not acknowledged yet: ", type, "."), labels)) {}

WriteMetrics::WriteMetrics(MetricRegistry& registry, const std::string& name,
                           const std::string& url)
    : labels{{"remote_name", name}, {"url", url}},
      samples(registry, "samples", labels),
      histograms(registry, "histograms", labels),
      metadata(registry.AddCounter("prometheus_remote_storage_metadata_total",
                                   "Metadata of families sent to remote storage.", labels)),
      metadata_failed(registry.AddCounter("prometheus_remote_storage_metadata_failed_total",
                                          "Metadata that remote storage refused.", labels)),
      metadata_retried(registry.AddCounter("prometheus_remote_storage_metadata_retried_total",
                                           "Metadata in requests that are to be sent again.",
                                           labels)),
      bytes(registry.AddCounter("prometheus_remote_storage_bytes_total",
                                "Bytes of samples sent, compressed.", labels)),
      metadata_bytes(registry.AddCounter("prometheus_remote_storage_metadata_bytes_total",
                                         "Bytes of metadata sent, compressed.", labels)),
      batches_lost(registry.AddCounter(
          "tidemark_remote_storage_journal_batches_lost_total",
          "Batches that left the journal, or were damaged, before they were sent.", labels)),
      histograms_not_sent(registry.AddCounter(
          "tidemark_remote_storage_histograms_not_sent_total",
          "Native histograms left out because send_native_histograms is false.", labels)),
      shards(registry.AddGauge("prometheus_remote_storage_shards",
                               "Requests that may be under way at once.", labels)),
      shards_max(registry.AddGauge("prometheus_remote_storage_shards_max",
                                   "The most shards there may be.", labels)),
      shards_min(registry.AddGauge("prometheus_remote_storage_shards_min",
                                   "The fewest shards there may be.", labels)),
      shards_desired(registry.AddGauge("prometheus_remote_storage_shards_desired",
                                       "How many shards would be needed to keep up.", labels)),
      shard_capacity(registry.AddGauge("prometheus_remote_storage_shard_capacity",
                                       "Samples that a shard holds in memory.", labels)),
      max_samples_per_send(registry.AddGauge("prometheus_remote_storage_max_samples_per_send",
                                             "The most samples of one request.", labels)),
      highest_timestamp(
          registry.AddGauge("prometheus_remote_storage_queue_highest_timestamp_seconds",
                            "Of the samples read, the newest.", labels)),
      highest_sent_timestamp(
          registry.AddGauge("prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
                            "Of the samples sent, the newest.", labels)),
      highest_timestamp_in(
          registry.AddGauge("prometheus_remote_storage_highest_timestamp_in_seconds",
                            "Of the samples stored, the newest.")),
      batch_seconds(registry.AddHistogram(
          "prometheus_remote_storage_sent_batch_duration_seconds", "How long requests took.",
          {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300}, labels)) {}

}  // namespace tidemark::remote
