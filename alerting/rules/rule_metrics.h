#pragma once

#include <string>

#include "base/metrics.h"

namespace tidemark::alerting {

// The metrics of one rule group, with Prometheus's names; `group_key` is "file;name".
// Departs from Prometheus: durations are histograms only, no summaries.
struct RuleMetrics {
  RuleMetrics(MetricRegistry& registry, const std::string& group_key);

  Counter &evaluations, &evaluation_failures, &iterations, &iterations_missed;
  Gauge &interval_seconds, &last_duration_seconds, &last_evaluation_seconds, &last_samples, &rules;
  Histogram &evaluation_duration, &group_duration;
};

}  // namespace tidemark::alerting
