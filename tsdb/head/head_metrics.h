#pragma once

#include "base/metrics.h"

namespace tidemark::tsdb {

// The head's own metrics, by Prometheus's names. References into `registry`, which outlives it.
struct HeadMetrics {
  explicit HeadMetrics(MetricRegistry& registry);

  // What is counted apart for floats and for native histograms.
  struct OfType {
    OfType(MetricRegistry& registry, const MetricLabels& type);
    Counter& appended;
    Counter& out_of_order_appended;
    Counter& out_of_order_rejected;
    Counter& duplicate_rejected;
    Counter& too_old_rejected;
    Counter& out_of_bound_rejected;
  };

  Gauge& series;
  Counter& series_created;
  Counter& series_removed;
  Gauge& chunks;
  Gauge& min_time;
  Gauge& max_time;
  Gauge& min_time_seconds;
  Gauge& max_time_seconds;
  OfType floats, histograms;
  Counter& unknown_refs;
  Counter& journal_writes_failed;
  Counter& samples_refused;
};

}  // namespace tidemark::tsdb
