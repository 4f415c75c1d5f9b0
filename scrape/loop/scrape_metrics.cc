#include "scrape/loop/scrape_metrics.h"

#include "base/model/duration.h"

namespace tidemark::scrape {

ScrapeMetrics::ScrapeMetrics(MetricRegistry& registry)
    : exceeded_sample_limit(registry.AddCounter(
          "prometheus_target_scrapes_exceeded_sample_limit_total",
          "Total number of scrapes that hit the sample limit and were rejected.")),
      exceeded_body_size_limit(registry.AddCounter(
          "prometheus_target_scrapes_exceeded_body_size_limit_total",
          "Total number of scrapes that hit the body size limit and were rejected.")),
      exceeded_label_limits(
          registry.AddCounter("prometheus_target_scrape_pool_exceeded_label_limits_total",
                              "Total number of scrapes that hit a label limit and were rejected.")),
      exceeded_bucket_limit(registry.AddCounter(
          "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
          "Total number of scrapes that hit the native histogram bucket limit and were "
          "rejected.")),
      exceeded_target_limit(registry.AddCounter(
          "prometheus_target_scrape_pool_exceeded_target_limit_total",
          "Total number of times that a scrape pool had more targets than its limit.")),
      duplicate_timestamp(registry.AddCounter(
          "prometheus_target_scrapes_sample_duplicate_timestamp_total",
          "Total number of samples rejected for another value at the same timestamp.")),
      out_of_order(registry.AddCounter(
          "prometheus_target_scrapes_sample_out_of_order_total",
          "Total number of samples rejected because they are older than the store takes.")),
      out_of_bounds(registry.AddCounter(
          "prometheus_target_scrapes_sample_out_of_bounds_total",
          "Total number of samples rejected because their timestamp is out of bounds.")),
      exemplar_out_of_order(registry.AddCounter(
          "prometheus_target_scrapes_exemplar_out_of_order_total",
          "Total number of exemplars rejected because they come before those that are stored.")),
      pools(registry.AddCounter("prometheus_target_scrape_pools_total",
                                "Total number of scrape pools made.")),
      pool_reloads(registry.AddCounter("prometheus_target_scrape_pool_reloads_total",
                                       "Total number of scrape pool reloads.")),
      failed_targets(
          registry.AddCounter("prometheus_target_sync_failed_total",
                              "Total number of targets that could not be made of their labels.")),
      registry_(registry) {}

Gauge& ScrapeMetrics::PoolTargets(const std::string& job) {
  return registry_.AddGauge("prometheus_target_scrape_pool_targets",
                            "Current number of targets in the scrape pool.", {{"scrape_job", job}});
}

Gauge& ScrapeMetrics::PoolTargetLimit(const std::string& job) {
  return registry_.AddGauge("prometheus_target_scrape_pool_target_limit",
                            "Most targets that the scrape pool may have; 0 is no limit.",
                            {{"scrape_job", job}});
}

Counter& ScrapeMetrics::PoolSyncs(const std::string& job) {
  return registry_.AddCounter("prometheus_target_scrape_pool_sync_total",
                              "Total number of times the targets of the scrape pool were set.",
                              {{"scrape_job", job}});
}

Histogram& ScrapeMetrics::IntervalLength(DurationMs interval) {
  return registry_.AddHistogram(
      "prometheus_target_interval_length_seconds", "Actual time between scrapes of a target.",
      {0.1, 1, 5, 10, 15, 20, 30, 60, 120, 300}, {{"interval", FormatDuration(interval)}});
}

}  // namespace tidemark::scrape
