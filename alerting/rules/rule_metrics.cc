#include "alerting/rules/rule_metrics.h"

namespace tidemark::alerting {
namespace {

std::vector<double> DurationBounds() { return {0.01, 0.1, 1, 10}; }

}  // namespace

RuleMetrics::RuleMetrics(MetricRegistry& registry, const std::string& group_key)
    : evaluations(registry.AddCounter("prometheus_rule_evaluations_total", "Evaluations of rules.",
                                      {{"rule_group", group_key}})),
      evaluation_failures(registry.AddCounter("prometheus_rule_evaluation_failures_total",
                                              "Evaluations of rules that failed.",
                                              {{"rule_group", group_key}})),
      iterations(registry.AddCounter("prometheus_rule_group_iterations_total",
                                     "Evaluations that were due, made or left out.",
                                     {{"rule_group", group_key}})),
      iterations_missed(registry.AddCounter(
          "prometheus_rule_group_iterations_missed_total",
          "Evaluations left out because the one before still ran.", {{"rule_group", group_key}})),
      interval_seconds(registry.AddGauge("prometheus_rule_group_interval_seconds",
                                         "Time between two evaluations of the group.",
                                         {{"rule_group", group_key}})),
      last_duration_seconds(registry.AddGauge("prometheus_rule_group_last_duration_seconds",
                                              "Time that the last evaluation of the group took.",
                                              {{"rule_group", group_key}})),
      last_evaluation_seconds(
          registry.AddGauge("prometheus_rule_group_last_evaluation_timestamp_seconds",
                            "When the group was last evaluated, in seconds since the Unix epoch.",
                            {{"rule_group", group_key}})),
      last_samples(registry.AddGauge("prometheus_rule_group_last_evaluation_samples",
                                     "Samples that the last evaluation of the group stored.",
                                     {{"rule_group", group_key}})),
      rules(registry.AddGauge("prometheus_rule_group_rules", "Rules in the group.",
                              {{"rule_group", group_key}})),
      evaluation_duration(
          registry.AddHistogram("prometheus_rule_evaluation_duration_histogram_seconds",
                                "Time that evaluating a rule took.", DurationBounds())),
      group_duration(registry.AddHistogram("prometheus_rule_group_duration_histogram_seconds",
                                           "Time that evaluating a group took.",
                                           DurationBounds())) {}

}  // namespace tidemark::alerting
