#include "tsdb/head/head_metrics.h"

namespace tidemark::tsdb {
HeadMetrics::OfType::OfType(MetricRegistry& registry, const MetricLabels& type)
    : appended(registry.AddCounter("prometheus_tsdb_head_samples_appended_total", "Samples stored.",
                                   type)),
      out_of_order_appended(registry.AddCounter(
          "prometheus_tsdb_head_out_of_order_samples_appended_total",
          "Samples stored though older than the newest of their series.", type)),
      out_of_order_rejected(
          registry.AddCounter("prometheus_tsdb_out_of_order_samples_total",
                              "Samples rejected as older than the newest of their series.", type)),
      duplicate_rejected(registry.AddCounter(
          "tidemark_tsdb_duplicate_samples_total",
          "Samples rejected as another value at the time of a stored one.", type)),
      too_old_rejected(
          registry.AddCounter("prometheus_tsdb_too_old_samples_total",
                              "Samples rejected as older than the out of order window.", type)),
      out_of_bound_rejected(registry.AddCounter(
          "prometheus_tsdb_out_of_bound_samples_total",
          "Samples rejected as beyond retention or too far in the future.", type)) {}

HeadMetrics::HeadMetrics(MetricRegistry& registry)
    : series(registry.AddGauge("prometheus_tsdb_head_series", "Series with samples in the head.")),
      series_created(registry.AddCounter("prometheus_tsdb_head_series_created_total",
                                         "Series made in the head.")),
      series_removed(registry.AddCounter("prometheus_tsdb_head_series_removed_total",
                                         "Series that left the head.")),
      chunks(registry.AddGauge("prometheus_tsdb_head_chunks", "Chunks in the head.")),
      min_time(registry.AddGauge("prometheus_tsdb_head_min_time",
                                 "Oldest time of the head, in milliseconds.")),
      max_time(registry.AddGauge("prometheus_tsdb_head_max_time",
                                 "Newest time of the head, in milliseconds.")),
      min_time_seconds(registry.AddGauge("prometheus_tsdb_head_min_time_seconds",
                                         "Oldest time of the head, in seconds.")),
      max_time_seconds(registry.AddGauge("prometheus_tsdb_head_max_time_seconds",
                                         "Newest time of the head, in seconds.")),
      floats(registry, {{"type", "float"}}),
      histograms(registry, {{"type", "histogram"}}),
      unknown_refs(registry.AddCounter("prometheus_tsdb_wal_replay_unknown_refs_total",
                                       "Replayed samples of series that no readable batch names.",
                                       {{"type", "samples"}})),
      journal_writes_failed(registry.AddCounter("prometheus_tsdb_wal_writes_failed_total",
                                                "Batches that the journal could not take.")),
      samples_refused(registry.AddCounter("tidemark_tsdb_samples_refused_total",
                                          "Samples of batches that the journal could not take.")) {}

}  // namespace tidemark::tsdb
