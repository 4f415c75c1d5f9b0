#include "alerting/rule_manager.h"

#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "alerting/rules/group_runner.h"
#include "alerting/rules/rule_context.h"
#include "alerting/rules/rule_group.h"
#include "base/log.h"
#include "base/run/cancellation.h"
#include "base/run/stopwatch.h"
#include "base/run/timer_queue.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {

std::string_view AlertStateText(AlertState state) {
  switch (state) {
    case AlertState::kInactive:
      return "inactive";
    case AlertState::kPending:
      return "pending";
    case AlertState::kFiring:
      return "firing";
  }
  return "unknown";
}

class RuleManager::Impl {
 public:
  Impl(promql::Engine& engine, tsdb::Appendable& appendable, const tsdb::Queryable& queryable,
       Notifier& notifier, ThreadPool& pool, Clock& clock, MetricRegistry& metrics,
       RuleManagerOptions options)
      : engine_(engine),
        clock_(clock),
        query_timeout_(options.query_timeout),
        query_log_(options.query_log),
        context_{[this](const RuleGroupConfig& group, const promql::Query& query, TimestampMs t) {
                   return Evaluate(group, query, t);
                 },
                 appendable,
                 queryable,
                 notifier,
                 metrics,
                 std::move(options)},
        pool_(pool),
        timers_(clock) {}

  void ApplyConfig(RulesConfig config) ABSL_LOCKS_EXCLUDED(apply_mu_, mu_) {
    absl::MutexLock apply_lock(&apply_mu_);
    Runners old = CopyRunners();
    Runners next;
    for (RuleGroupConfig& group : config.groups) {
      const Key key(group.file, group.name);
      if (next.contains(key)) continue;  // its file was found by two patterns
      RuleGroupSettings settings;
      settings.interval = group.interval > 0 ? group.interval : config.evaluation_interval;
      settings.query_offset = group.query_offset >= 0 ? group.query_offset : config.query_offset;
      settings.external_labels = config.external_labels;
      next[key] = MakeRunner(std::move(group), std::move(settings), old[key]);
      old.erase(key);
    }
    for (auto& [key, runner] : old) {
      if (runner != nullptr) runner->StopAndEndSeries();
    }
    first_config_ = false;
    absl::MutexLock lock(&mu_);
    runners_ = std::move(next);
    if (stopped_) return;
    for (auto& [key, runner] : runners_) runner->Start();
  }

  std::vector<RuleGroupStatus> Groups() const ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<RuleGroupStatus> groups;
    for (const auto& [key, runner] : CopyRunners()) groups.push_back(runner->group().Status());
    return groups;
  }

  void Stop() ABSL_LOCKS_EXCLUDED(apply_mu_, mu_) {
    cancellation_.Cancel();
    absl::MutexLock apply_lock(&apply_mu_);
    {
      absl::MutexLock lock(&mu_);
      stopped_ = true;
    }
    for (const auto& [key, runner] : CopyRunners()) runner->Stop();
    timers_.Stop();
  }

 private:
  using Key = std::pair<std::string, std::string>;  // file and name
  using Runners = std::map<Key, std::shared_ptr<GroupRunner>>;

  Runners CopyRunners() const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return runners_;
  }

  // `old` itself where nothing changed; else a new one, which takes over where there is an old one.
  std::shared_ptr<GroupRunner> MakeRunner(RuleGroupConfig config, RuleGroupSettings settings,
                                          const std::shared_ptr<GroupRunner>& old)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mu_) {
    if (old != nullptr && old->group().IsSame(config, settings)) return old;
    if (old != nullptr) old->Stop();
    const bool restore = old != nullptr ? old->restores() : first_config_;
    auto group =
        std::make_unique<RuleGroup>(std::move(config), std::move(settings), context_, restore);
    if (old != nullptr) group->TakeOver(old->group());
    return GroupRunner::Create(std::move(group), context_, pool_, timers_, clock_, restore);
  }

  absl::StatusOr<promql::InstantVector> Evaluate(const RuleGroupConfig& group,
                                                 const promql::Query& query, TimestampMs t) {
    const Cancellation deadline(clock_, clock_.Now() + query_timeout_, &cancellation_);
    const auto querier = context_.queryable.NewQuerier();
    const bool is_logged = query_log_ != nullptr && query_log_->enabled();
    const Stopwatch watch;
    absl::StatusOr<promql::QueryResult> result =
        engine_.Instant(query, *querier, t, deadline, {.collect_statistics = is_logged});
    if (is_logged) Log(group, query, t, watch.Seconds(), result);
    if (!result.ok()) return result.status();
    return AsInstantVector(std::move(result->value));
  }

  void Log(const RuleGroupConfig& group, const promql::Query& query, TimestampMs t, double seconds,
           const absl::StatusOr<promql::QueryResult>& result) {
    promql::LoggedQuery logged{
        query.source(), {t, t, 0}, {.evaluated_seconds = seconds}, {}, result.status()};
    if (result.ok()) logged.statistics = result->statistics;
    query_log_->Log(clock_.Now(), logged, [&](JsonWriter& json) {
      json.Key("ruleGroup").BeginObject().Key("file").String(group.file);
      json.Key("name").String(group.name).EndObject();
    });
  }

  promql::Engine& engine_;
  Clock& clock_;
  const DurationMs query_timeout_;
  promql::QueryLog* const query_log_;
  Cancellation cancellation_;  // of every query, at Stop
  const RuleContext context_;
  ThreadPool& pool_;

  absl::Mutex apply_mu_;  // one ApplyConfig or Stop at a time; taken before mu_
  bool first_config_ ABSL_GUARDED_BY(apply_mu_) = true;

  mutable absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  Runners runners_ ABSL_GUARDED_BY(mu_);

  TimerQueue timers_;  // last: its thread uses all of the above
};

RuleManager::RuleManager(promql::Engine& engine, tsdb::Appendable& appendable,
                         const tsdb::Queryable& queryable, Notifier& notifier, ThreadPool& pool,
                         Clock& clock, MetricRegistry& metrics, RuleManagerOptions options)
    : impl_(std::make_unique<Impl>(engine, appendable, queryable, notifier, pool, clock, metrics,
                                   std::move(options))) {}

RuleManager::~RuleManager() { Stop(); }

void RuleManager::ApplyConfig(RulesConfig config) { impl_->ApplyConfig(std::move(config)); }
std::vector<RuleGroupStatus> RuleManager::Groups() const { return impl_->Groups(); }
void RuleManager::Stop() { impl_->Stop(); }

}  // namespace tidemark::alerting
