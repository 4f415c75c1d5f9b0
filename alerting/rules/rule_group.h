#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "alerting/rule_file.h"
#include "alerting/rule_manager.h"
#include "alerting/rules/alerting_rule.h"
#include "alerting/rules/rule_context.h"
#include "alerting/rules/rule_metrics.h"
#include "alerting/rules/rule_output.h"

namespace tidemark::alerting {

// What a group takes from outside its own file, defaults filled in.
struct RuleGroupSettings {
  DurationMs interval = kMinute;
  DurationMs query_offset = 0;
  LabelSet external_labels;  // for templates
  friend bool operator==(const RuleGroupSettings&, const RuleGroupSettings&) = default;
};

// A rule group: evaluates its rules one after another, so that each sees what those before it just
// stored. When that happens is its owner's business. Status may be called at any time; the other
// calls are one thread's at a time.
class RuleGroup {
 public:
  // `context` outlives the group. Where `restore` is set, alerts write no series until Restore.
  RuleGroup(RuleGroupConfig config, RuleGroupSettings settings, const RuleContext& context,
            bool restore);

  // Evaluates every rule at `now` less the query offset, stores the results at that time, and
  // hands alerts to the notifier. A rule that fails spoils no other.
  void Evaluate(TimestampMs now) ABSL_LOCKS_EXCLUDED(mu_);
  // See alert_restorer.h. Once, after the second evaluation.
  void Restore(TimestampMs now) ABSL_LOCKS_EXCLUDED(mu_);

  // Begins where `old` ended: rules of the same kind, name and labels keep their alerts and series.
  // Series of rules that are gone end at the next evaluation. `old` only serves Status from then
  // on.
  void TakeOver(RuleGroup& old) ABSL_LOCKS_EXCLUDED(mu_);
  // The series that the group wrote last and would have to end; none after TakeOver took them.
  std::vector<LabelSet> TakeSeries();

  RuleGroupStatus Status() const ABSL_LOCKS_EXCLUDED(mu_);
  // Whether a group made of these would be the same.
  bool IsSame(const RuleGroupConfig& config, const RuleGroupSettings& settings) const;

  const RuleGroupConfig& config() const { return config_; }
  const RuleGroupSettings& settings() const { return settings_; }
  RuleMetrics& metrics() { return metrics_; }

 private:
  // A rule with what it did last.
  struct Rule {
    const RuleConfig* config;
    RuleLabels labels;                       // with those of the group
    std::unique_ptr<AlertingRule> alerting;  // null for a recording rule
    SeriesNames previous;                    // series stored last
    RuleHealth health = RuleHealth::kUnknown;
    std::string last_error;
    double evaluation_seconds = 0;
    TimestampMs last_evaluation = 0;
  };

  void EvaluateRule(Rule& rule, TimestampMs now) ABSL_LOCKS_EXCLUDED(mu_);
  // The series that a rule gives.
  absl::StatusOr<promql::InstantVector> Result(Rule& rule, TimestampMs now)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<promql::InstantVector> Alerts(Rule& rule, promql::InstantVector result,
                                               TimestampMs now) ABSL_LOCKS_EXCLUDED(mu_);
  void Notify(Rule& rule, TimestampMs now) ABSL_LOCKS_EXCLUDED(mu_);
  void LogFailure(const Rule& rule, const absl::Status& status) const;
  TimestampMs Stamp(TimestampMs now) const { return now - settings_.query_offset; }

  const RuleGroupConfig config_;
  const RuleGroupSettings settings_;
  const RuleContext& context_;
  RuleMetrics metrics_;

  std::vector<LabelSet> orphaned_;  // series of rules that a reload took away

  mutable absl::Mutex mu_;  // not held while queries run or samples are written
  // Changed under mu_ by the evaluating thread, which itself may read without.
  std::vector<Rule> rules_;
  double evaluation_seconds_ ABSL_GUARDED_BY(mu_) = 0;
  TimestampMs last_evaluation_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tidemark::alerting
