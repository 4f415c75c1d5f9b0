#include "alerting/rules/rule_group.h"

#include <map>
#include <set>

#include "alerting/rules/alert_restorer.h"
#include "alerting/rules/recording_rule.h"
#include "base/log.h"
#include "base/net/url.h"
#include "base/run/stopwatch.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

bool SameRule(const RuleConfig& a, const RuleConfig& b) {
  return a.is_alert == b.is_alert && a.name == b.name && a.expr.text() == b.expr.text() &&
         a.hold == b.hold && a.keep_firing_for == b.keep_firing_for && a.labels == b.labels &&
         a.annotations == b.annotations;
}

}  // namespace

RuleGroup::RuleGroup(RuleGroupConfig config, RuleGroupSettings settings, const RuleContext& context,
                     bool restore)
    : config_(std::move(config)),
      settings_(std::move(settings)),
      context_(context),
      metrics_(context.metrics, StrCat(config_.file, ";", config_.name)) {
  for (const RuleConfig& rule_config : config_.rules) {
    Rule& rule = rules_.emplace_back();
    rule.config = &rule_config;
    rule.labels = MergeRuleLabels(config_.labels, rule_config.labels);
    if (rule_config.is_alert) {
      rule.alerting = std::make_unique<AlertingRule>(rule_config, rule.labels, !restore);
    }
  }
  metrics_.interval_seconds.Set(static_cast<double>(settings_.interval) / kSecond);
  metrics_.rules.Set(static_cast<double>(rules_.size()));
}

void RuleGroup::Evaluate(TimestampMs now) {
  const Stopwatch watch;
  metrics_.iterations.Increment();
  metrics_.last_evaluation_seconds.Set(static_cast<double>(now) / kSecond);
  {
    absl::MutexLock lock(&mu_);
    last_evaluation_ = now;
  }
  size_t num_series = 0;
  for (Rule& rule : rules_) {
    EvaluateRule(rule, now);
    num_series += rule.health == RuleHealth::kOk ? rule.previous.size() : 0;
  }
  if (!orphaned_.empty()) {
    const auto status = WriteStaleMarkers(context_.appendable, orphaned_, Stamp(now));
    if (!status.ok()) {
      log::Warn("Stale series of removed rules could not be ended",
                {{"group", config_.name}, {"err", std::string(status.message())}});
    }
    orphaned_.clear();
  }
  metrics_.last_samples.Set(static_cast<double>(num_series));
  metrics_.last_duration_seconds.Set(watch.Seconds());
  metrics_.group_duration.Observe(watch.Seconds());
  absl::MutexLock lock(&mu_);
  evaluation_seconds_ = watch.Seconds();
}

void RuleGroup::EvaluateRule(Rule& rule, TimestampMs now) {
  const Stopwatch watch;
  metrics_.evaluations.Increment();
  auto result = Result(rule, now);
  absl::Status status = result.status();
  if (status.ok()) {
    if (rule.alerting) Notify(rule, now);
    status = WriteRuleOutput(context_.appendable, *result, Stamp(now), rule.previous);
  }
  if (!status.ok()) {
    metrics_.evaluation_failures.Increment();
    LogFailure(rule, status);
  }
  metrics_.evaluation_duration.Observe(watch.Seconds());
  absl::MutexLock lock(&mu_);
  rule.health = status.ok() ? RuleHealth::kOk : RuleHealth::kError;
  rule.last_error = std::string(status.message());
  rule.evaluation_seconds = watch.Seconds();
  rule.last_evaluation = now;
}

absl::StatusOr<promql::InstantVector> RuleGroup::Result(Rule& rule, TimestampMs now) {
  auto result = context_.evaluate(config_, rule.config->expr, Stamp(now));
  if (!result.ok()) return result.status();
  if (rule.alerting) return Alerts(rule, *std::move(result), now);
  return RecordSeries(rule.config->name, rule.labels, config_.limit, *std::move(result));
}

absl::StatusOr<promql::InstantVector> RuleGroup::Alerts(Rule& rule, promql::InstantVector result,
                                                        TimestampMs now) {
  TemplateEnvironment environment;
  environment.external_url = context_.options.external_url;
  environment.now = now;
  environment.query = [&](std::string_view text) -> absl::StatusOr<promql::InstantVector> {
    ASSIGN_OR_RETURN(const promql::Query query, promql::Query::Parse(text));
    return context_.evaluate(config_, query, now);
  };
  auto wanted = rule.alerting->Expand(result, {settings_.external_labels, environment});
  if (!wanted.ok()) return wanted.status();
  absl::MutexLock lock(&mu_);
  return rule.alerting->Advance(*std::move(wanted), now, Stamp(now), config_.limit);
}

void RuleGroup::Notify(Rule& rule, TimestampMs now) {
  const DurationMs resend_delay = context_.options.resend_delay;
  const std::string generator_url =
      StrCat(context_.options.external_url,
             "/graph?g0.expr=", QueryEscape(rule.config->expr.text()), "&g0.tab=1");
  std::vector<Notification> notifications;
  {
    absl::MutexLock lock(&mu_);
    // Long enough for a few failed evaluations or sends.
    const DurationMs valid_for = 4 * std::max(settings_.interval, resend_delay);
    notifications = rule.alerting->TakeNotifications(now, resend_delay, valid_for, generator_url);
  }
  if (!notifications.empty()) context_.notifier.Send(notifications);
}

void RuleGroup::LogFailure(const Rule& rule, const absl::Status& status) const {
  if (absl::IsCancelled(status)) return;  // the server stops
  log::Warn("Evaluating rule failed", {{"file", config_.file},
                                       {"group", config_.name},
                                       {"rule", rule.config->name},
                                       {"err", std::string(status.message())}});
}

void RuleGroup::Restore(TimestampMs now) {
  const auto querier = context_.queryable.NewQuerier();
  const RestoreOptions options{context_.options.for_outage_tolerance,
                               context_.options.for_grace_period};
  for (Rule& rule : rules_) {
    if (!rule.alerting || rule.alerting->restored()) continue;
    absl::MutexLock lock(&mu_);
    const absl::Status status = RestoreAlerts(*rule.alerting, *querier, now, options);
    if (status.ok()) continue;
    log::Error("Failed to restore 'for' state", {{"group", config_.name},
                                                 {"rule", rule.config->name},
                                                 {"err", std::string(status.message())}});
  }
}

void RuleGroup::TakeOver(RuleGroup& old) {
  // Rules of one name and one set of labels are paired in their order.
  std::multimap<std::tuple<bool, std::string, RuleLabels>, Rule*> old_rules;
  for (Rule& rule : old.rules_) {
    old_rules.emplace(std::tuple(rule.config->is_alert, rule.config->name, rule.labels), &rule);
  }
  orphaned_ = std::move(old.orphaned_);
  absl::MutexLock lock(&mu_);
  for (Rule& rule : rules_) {
    const auto found =
        old_rules.find(std::tuple(rule.config->is_alert, rule.config->name, rule.labels));
    if (found == old_rules.end()) continue;
    Rule& from = *found->second;
    rule.previous = std::move(from.previous);
    if (rule.alerting) {
      rule.alerting->TakeOver(*from.alerting);
      if (from.alerting->restored()) rule.alerting->set_restored();
    }
    old_rules.erase(found);
  }
  for (const auto& [key, rule] : old_rules) {
    orphaned_.insert(orphaned_.end(), rule->previous.begin(), rule->previous.end());
  }
  absl::MutexLock old_lock(&old.mu_);
  evaluation_seconds_ = old.evaluation_seconds_;
  last_evaluation_ = old.last_evaluation_;
}

std::vector<LabelSet> RuleGroup::TakeSeries() {
  std::vector<LabelSet> series = std::move(orphaned_);
  for (Rule& rule : rules_) {
    series.insert(series.end(), rule.previous.begin(), rule.previous.end());
    rule.previous.clear();
  }
  return series;
}

RuleGroupStatus RuleGroup::Status() const {
  RuleGroupStatus group;
  group.name = config_.name;
  group.file = config_.file;
  group.interval = settings_.interval;
  group.limit = config_.limit;
  absl::MutexLock lock(&mu_);
  group.evaluation_seconds = evaluation_seconds_;
  group.last_evaluation = last_evaluation_;
  for (const Rule& rule : rules_) {
    RuleStatus& status = group.rules.emplace_back();
    status.is_alert = rule.config->is_alert;
    status.name = rule.config->name;
    status.query = rule.config->expr.text();
    status.hold = rule.config->hold;
    status.keep_firing_for = rule.config->keep_firing_for;
    status.labels = rule.labels;
    status.annotations = rule.config->annotations;
    status.health = rule.health;
    status.last_error = rule.last_error;
    status.evaluation_seconds = rule.evaluation_seconds;
    status.last_evaluation = rule.last_evaluation;
    if (!rule.alerting) continue;
    status.state = rule.alerting->state();
    status.alerts = rule.alerting->Statuses();
  }
  return group;
}

bool RuleGroup::IsSame(const RuleGroupConfig& config, const RuleGroupSettings& settings) const {
  return settings == settings_ && config.name == config_.name && config.file == config_.file &&
         config.limit == config_.limit && config.labels == config_.labels &&
         std::equal(config.rules.begin(), config.rules.end(), config_.rules.begin(),
                    config_.rules.end(), SameRule);
}

}  // namespace tidemark::alerting
