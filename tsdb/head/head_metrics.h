#pragma once

#include "base/metrics.h"

namespace tidemark::tsdb {

// The head's own metrics, by Prometheus's names. References into `registry`, which outlives it.
struct HeadMetrics {
  explicit HeadMetrics(MetricRegistry& registry);

  Gauge& series;
  Counter& series_created;
  Counter& series_removed;
  Gauge& chunks;
  Gauge& min_time;
  Gauge& max_time;
  Gauge& min_time_seconds;
  Gauge& max_time_seconds;
  Counter& samples_appended;
  Counter& out_of_order_appended;
  Counter& out_of_order_rejected;
  Counter& duplicate_rejected;
  Counter& too_old_rejected;
  Counter& out_of_bound_rejected;
  Counter& unknown_refs;
  Counter& journal_writes_failed;
  Counter& samples_refused;
};

}  // namespace tidemark::tsdb
