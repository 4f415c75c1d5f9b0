#pragma once

#include <string>

#include "base/metrics.h"
#include "base/model/timestamp.h"

namespace tidemark::scrape {

// The scraper's own metrics, under Prometheus's names. Thread-safe.
struct ScrapeMetrics {
  explicit ScrapeMetrics(MetricRegistry& registry);  // which outlives this

  Counter& exceeded_sample_limit;
  Counter& exceeded_body_size_limit;
  Counter& exceeded_label_limits;
  Counter& exceeded_bucket_limit;
  Counter& exceeded_target_limit;
  Counter& duplicate_timestamp;
  Counter& out_of_order;
  Counter& out_of_bounds;
  Counter& exemplar_out_of_order;
  Counter& pools;
  Counter& pool_reloads;
  Counter& failed_targets;

  // Of one scrape configuration.
  Gauge& PoolTargets(const std::string& job);
  Gauge& PoolTargetLimit(const std::string& job);
  Counter& PoolSyncs(const std::string& job);
  // Time between two scrapes of a target. Prometheus has a summary here; `_sum` and `_count` mean
  // the same, and a histogram can be added up over servers.
  Histogram& IntervalLength(DurationMs interval);

 private:
  MetricRegistry& registry_;
};

}  // namespace tidemark::scrape
