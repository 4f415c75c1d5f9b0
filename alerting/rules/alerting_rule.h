#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "alerting/notifier.h"
#include "alerting/rule_file.h"
#include "alerting/rule_manager.h"
#include "alerting/rules/rule_labels.h"
#include "alerting/template/alert_template.h"
#include "promql/value.h"

namespace tidemark::alerting {

// One alert of a rule, that is one label set. Times are those of evaluations.
struct Alert {
  LabelSet labels, annotations;
  AlertState state = AlertState::kPending;  // kInactive: resolved, kept to be told again
  double value = 0;
  TimestampMs active_at = 0;
  TimestampMs fired_at = 0;  // means nothing before it fired
  std::optional<TimestampMs> keep_firing_since, resolved_at, last_sent_at;
};

// The alerts of an alerting rule and how they change from one evaluation to the next. Knows nothing
// of queries, stores and receivers: its group brings results in and takes series and notifications
// out. Source: Prometheus, rules/alerting.go.
//
//   (none) -> pending    the expression gives the series; firing at once without `for`
//   pending -> firing    active for `for` or longer
//   pending -> (none)    the series is missing once
//   firing -> firing     missing for less than `keep_firing_for`
//   firing -> inactive   missing for longer: resolved
//   inactive -> (none)   15 minutes later
//   inactive -> pending  the series is back: a new alert
//   firing -> pending    a reload made `for` longer than the alert has been active
//
// Thread-compatible.
class AlertingRule {
 public:
  // `labels` are those of the rule and its group. A rule that is not `restored` writes no series
  // until it is.
  AlertingRule(const RuleConfig& config, RuleLabels labels, bool restored);

  // What templates see beside the alert.
  struct TemplateContext {
    const LabelSet& external_labels;
    const TemplateEnvironment& environment;
  };
  // The alerts that a result of the expression asks for, with labels and annotations expanded.
  //   FailedPrecondition  two have the same labels; the text is Prometheus's
  // May run while other threads read: what is slow, `query` in a template, is here and not in
  // Advance.
  absl::StatusOr<std::vector<Alert>> Expand(const promql::InstantVector& result,
                                            const TemplateContext& context) const;

  // Brings the alerts to the evaluation at `now` and gives the series ALERTS and ALERTS_FOR_STATE,
  // stamped `stamp`.
  //   FailedPrecondition  more than `limit` active alerts, where that is not 0; all are forgotten
  absl::StatusOr<promql::InstantVector> Advance(std::vector<Alert> wanted, TimestampMs now,
                                                TimestampMs stamp, int64_t limit);

  // The alerts that receivers are to be told at `now`: those that fire or were resolved and have
  // not been told that or not for `resend_delay`. They count as told from here on.
  // `valid_for` is how long receivers may take an alert for firing without hearing of it again.
  std::vector<Notification> TakeNotifications(TimestampMs now, DurationMs resend_delay,
                                              DurationMs valid_for,
                                              const std::string& generator_url);

  // Begins where `old` ended: the same rule before a reload, which others may still read.
  void TakeOver(const AlertingRule& old);

  // For restoration (alert_restorer.h).
  bool restored() const { return restored_; }
  void set_restored() { restored_ = true; }
  DurationMs hold() const { return hold_; }
  const std::string& name() const { return name_; }
  std::map<LabelSet, Alert>& alerts() { return alerts_; }

  AlertState state() const;                   // the furthest of the alerts
  std::vector<AlertStatus> Statuses() const;  // of what is pending or firing, by labels

 private:
  using Template = std::pair<std::string, absl::StatusOr<AlertTemplate>>;
  std::vector<Template> ParseTemplates(const RuleLabels& texts) const;
  LabelSet ForStateLabels(const Alert& alert) const;
  LabelSet StateLabels(const Alert& alert) const;
  // One step of an alert whose series is missing; false where it is to be forgotten.
  bool Miss(Alert& alert, TimestampMs now) const;

  const std::string name_;
  const DurationMs hold_, keep_firing_for_;
  const std::vector<Template> labels_, annotations_;
  bool restored_;
  std::map<LabelSet, Alert> alerts_;
};

}  // namespace tidemark::alerting
