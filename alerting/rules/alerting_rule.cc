#include "alerting/rules/alerting_rule.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

constexpr std::string_view kAlertName = "alertname";
constexpr std::string_view kAlertStateLabel = "alertstate";
constexpr std::string_view kAlertsMetric = "ALERTS";
constexpr std::string_view kForStateMetric = "ALERTS_FOR_STATE";
// A resolved alert is told again for so long, in case a receiver missed it.
constexpr DurationMs kResolvedRetention = 15 * kMinute;

// Seconds since the epoch, rounded down.
double UnixSeconds(TimestampMs t) {
  return static_cast<double>(t / kSecond - (t % kSecond < 0 ? 1 : 0));
}

bool NeedsSending(const Alert& alert, TimestampMs now, DurationMs resend_delay) {
  if (alert.state == AlertState::kPending) return false;
  if (!alert.last_sent_at) return true;
  if (alert.resolved_at && *alert.resolved_at > *alert.last_sent_at) return true;
  return *alert.last_sent_at + resend_delay < now;
}

}  // namespace

AlertingRule::AlertingRule(const RuleConfig& config, RuleLabels labels, bool restored)
    : name_(config.name),
      hold_(config.hold),
      keep_firing_for_(config.keep_firing_for),
      labels_(ParseTemplates(labels)),
      annotations_(ParseTemplates(config.annotations)),
      restored_(restored) {}

std::vector<AlertingRule::Template> AlertingRule::ParseTemplates(const RuleLabels& texts) const {
  std::vector<Template> parsed;
  for (const auto& [name, text] : texts) {
    parsed.emplace_back(name, AlertTemplate::Parse(text, name_));
  }
  return parsed;
}

absl::StatusOr<std::vector<Alert>> AlertingRule::Expand(const promql::InstantVector& result,
                                                        const TemplateContext& context) const {
  std::vector<Alert> wanted;
  absl::flat_hash_set<LabelSet> seen;
  LabelSetBuilder labels, annotations;
  for (const promql::VectorSample& sample : result) {
    const AlertTemplateData data(sample, context.external_labels, context.environment.external_url);
    const auto expand = [&](const absl::StatusOr<AlertTemplate>& text) {
      // Rule files are checked when they are read, so this is for configurations made otherwise.
      if (!text.ok()) return StrCat("<error expanding template: ", text.status().message(), ">");
      return text->Expand(data, context.environment);
    };
    labels.Reset(sample.labels);
    labels.Delete(kMetricName);
    for (const auto& [name, text] : labels_) labels.Set(name, expand(text));
    labels.Set(kAlertName, name_);
    annotations.Reset();
    for (const auto& [name, text] : annotations_) annotations.Set(name, expand(text));

    Alert& alert = wanted.emplace_back();
    alert.labels = labels.Build();
    alert.annotations = annotations.Build();
    alert.value = sample.value;
    if (!seen.insert(alert.labels).second) {
      return absl::FailedPreconditionError(
          "vector contains metrics with the same labelset after applying alert labels");
    }
  }
  return wanted;
}

bool AlertingRule::Miss(Alert& alert, TimestampMs now) const {
  if (alert.state == AlertState::kPending) return false;
  if (alert.state == AlertState::kInactive) return now - *alert.resolved_at <= kResolvedRetention;
  if (keep_firing_for_ > 0) {
    if (!alert.keep_firing_since) alert.keep_firing_since = now;
    if (now - *alert.keep_firing_since < keep_firing_for_) return true;
  }
  alert.state = AlertState::kInactive;
  alert.resolved_at = now;
  return true;
}

absl::StatusOr<promql::InstantVector> AlertingRule::Advance(std::vector<Alert> wanted,
                                                            TimestampMs now, TimestampMs stamp,
                                                            int64_t limit) {
  absl::flat_hash_set<LabelSet> present;
  for (Alert& fresh : wanted) {
    present.insert(fresh.labels);
    Alert& alert = alerts_[fresh.labels];
    if (alert.labels.empty() || alert.state == AlertState::kInactive) {
      alert = std::move(fresh);
      alert.active_at = now;
    } else {
      alert.value = fresh.value;
      alert.annotations = std::move(fresh.annotations);
    }
  }

  promql::InstantVector series;
  size_t num_active = 0;
  for (auto it = alerts_.begin(); it != alerts_.end();) {
    Alert& alert = it->second;
    if (present.contains(alert.labels)) {
      alert.keep_firing_since.reset();
    } else if (!Miss(alert, now)) {
      it = alerts_.erase(it);
      continue;
    }
    ++it;
    if (alert.state == AlertState::kInactive) continue;
    ++num_active;
    const bool held = now - alert.active_at >= hold_;
    if (alert.state == AlertState::kPending && held) {
      alert.state = AlertState::kFiring;
      alert.fired_at = now;
    } else if (alert.state == AlertState::kFiring && !held) {
      alert.state = AlertState::kPending;
    }
    if (!restored_) continue;
    series.push_back({StateLabels(alert), stamp, 1});
    series.push_back({ForStateLabels(alert), stamp, UnixSeconds(alert.active_at)});
  }
  if (limit > 0 && num_active > static_cast<size_t>(limit)) {
    alerts_.clear();
    return absl::FailedPreconditionError(
        StrCat("exceeded limit of ", limit, " with ", num_active, " alerts"));
  }
  return series;
}

std::vector<Notification> AlertingRule::TakeNotifications(TimestampMs now, DurationMs resend_delay,
                                                          DurationMs valid_for,
                                                          const std::string& generator_url) {
  std::vector<Notification> notifications;
  for (auto& [labels, alert] : alerts_) {
    if (!NeedsSending(alert, now, resend_delay)) continue;
    alert.last_sent_at = now;
    Notification& notification = notifications.emplace_back();
    notification.labels = labels;
    notification.annotations = alert.annotations;
    notification.starts_at = alert.fired_at;
    notification.resolved = alert.state == AlertState::kInactive;
    notification.ends_at = notification.resolved ? *alert.resolved_at : now + valid_for;
    notification.generator_url = generator_url;
  }
  return notifications;
}

void AlertingRule::TakeOver(const AlertingRule& old) { alerts_ = old.alerts_; }

LabelSet AlertingRule::StateLabels(const Alert& alert) const {
  LabelSetBuilder builder(alert.labels);
  builder.Set(kMetricName, kAlertsMetric);
  builder.Set(kAlertStateLabel, AlertStateText(alert.state));
  return builder.Build();
}

LabelSet AlertingRule::ForStateLabels(const Alert& alert) const {
  LabelSetBuilder builder(alert.labels);
  builder.Set(kMetricName, kForStateMetric);
  return builder.Build();
}

AlertState AlertingRule::state() const {
  AlertState furthest = AlertState::kInactive;
  for (const auto& [labels, alert] : alerts_) furthest = std::max(furthest, alert.state);
  return furthest;
}

std::vector<AlertStatus> AlertingRule::Statuses() const {
  std::vector<AlertStatus> statuses;
  for (const auto& [labels, alert] : alerts_) {
    if (alert.state == AlertState::kInactive) continue;
    statuses.push_back({labels, alert.annotations, alert.state, alert.active_at,
                        alert.keep_firing_since, alert.value});
  }
  return statuses;
}

}  // namespace tidemark::alerting
