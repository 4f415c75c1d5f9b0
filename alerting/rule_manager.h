#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alerting/notifier.h"
#include "alerting/rule_file.h"
#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/run/clock.h"
#include "base/run/thread_pool.h"
#include "promql/engine.h"
#include "promql/query_log.h"
#include "tsdb/appender.h"
#include "tsdb/querier.h"

namespace tidemark::alerting {

enum class AlertState { kInactive, kPending, kFiring };
std::string_view AlertStateText(AlertState state);  // "inactive", "pending", "firing"

enum class RuleHealth { kUnknown, kOk, kError };

// What the API says of an alert; never one that is inactive.
struct AlertStatus {
  LabelSet labels, annotations;
  AlertState state = AlertState::kPending;
  TimestampMs active_at = 0;
  std::optional<TimestampMs> keep_firing_since;
  double value = 0;
};

struct RuleStatus {
  bool is_alert = false;
  std::string name;
  std::string query;
  DurationMs hold = 0, keep_firing_for = 0;
  std::vector<std::pair<std::string, std::string>> labels, annotations;  // as configured
  RuleHealth health = RuleHealth::kUnknown;
  std::string last_error;
  double evaluation_seconds = 0;
  TimestampMs last_evaluation = 0;           // 0 before the first
  AlertState state = AlertState::kInactive;  // the furthest of `alerts`
  std::vector<AlertStatus> alerts;
};

struct RuleGroupStatus {
  std::string name, file;
  DurationMs interval = 0;
  int64_t limit = 0;
  double evaluation_seconds = 0;
  TimestampMs last_evaluation = 0;
  std::vector<RuleStatus> rules;
};

struct RuleManagerOptions {
  DurationMs resend_delay = kMinute;           // --rules.alert.resend-delay
  DurationMs for_outage_tolerance = kHour;     // --rules.alert.for-outage-tolerance
  DurationMs for_grace_period = 10 * kMinute;  // --rules.alert.for-grace-period
  DurationMs query_timeout = 2 * kMinute;      // --query.timeout
  std::string external_url;
  promql::QueryLog* query_log = nullptr;  // that the rules' queries are written to; outlives all
};

struct RulesConfig {
  std::vector<RuleGroupConfig> groups;
  DurationMs evaluation_interval = kMinute;
  DurationMs query_offset = 0;
  LabelSet external_labels;  // for templates
};

// Evaluates rule groups on their intervals: recorded series go to the store, alerts to the
// notifier. Thread-safe.
class RuleManager {
 public:
  // All references outlive the manager. Groups run side by side on `pool`, rules of a group one
  // after another.
  RuleManager(promql::Engine& engine, tsdb::Appendable& appendable,
              const tsdb::Queryable& queryable, Notifier& notifier, ThreadPool& pool, Clock& clock,
              MetricRegistry& metrics, RuleManagerOptions options);
  ~RuleManager();

  // Replaces the groups. A group that did not change goes on undisturbed; a changed one keeps its
  // alerts.
  void ApplyConfig(RulesConfig config);

  // As of the last evaluations, by file and name.
  std::vector<RuleGroupStatus> Groups() const;

  // Ends evaluation and waits for what runs. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::alerting
