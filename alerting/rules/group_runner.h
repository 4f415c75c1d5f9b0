#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "alerting/rules/group_schedule.h"
#include "alerting/rules/rule_context.h"
#include "alerting/rules/rule_group.h"
#include "base/run/clock.h"
#include "base/run/thread_pool.h"
#include "base/run/timer_queue.h"

namespace tidemark::alerting {

// Evaluates one group on its schedule. Thread-safe.
class GroupRunner : public std::enable_shared_from_this<GroupRunner> {
 public:
  // Everything given by reference outlives Stop. Where `restore` is set, the state of alerts is
  // restored after the second evaluation.
  static std::shared_ptr<GroupRunner> Create(std::unique_ptr<RuleGroup> group,
                                             const RuleContext& context, ThreadPool& pool,
                                             TimerQueue& timers, Clock& clock, bool restore);

  // The first evaluation is at the next slot. Idempotent.
  void Start() ABSL_LOCKS_EXCLUDED(mu_);
  // Waits for an evaluation under way; none follows. Idempotent. Not from a timer or an evaluation.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  // Stop for a group that was taken out of the configuration: its series end as of now. The markers
  // are written two intervals later, so that a group that was renamed can go on with the series.
  void StopAndEndSeries() ABSL_LOCKS_EXCLUDED(mu_);

  RuleGroup& group() { return *group_; }
  // Whether restoration is still to come.
  bool restores() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  GroupRunner(std::unique_ptr<RuleGroup> group, const RuleContext& context, ThreadPool& pool,
              TimerQueue& timers, Clock& clock, bool restore);
  void Schedule(TimestampMs slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnTimer() ABSL_LOCKS_EXCLUDED(mu_);   // on the timers' thread
  void Evaluate() ABSL_LOCKS_EXCLUDED(mu_);  // on the pool
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !running_; }

  const std::unique_ptr<RuleGroup> group_;
  const RuleContext& context_;
  ThreadPool& pool_;
  TimerQueue& timers_;
  Clock& clock_;
  const GroupSchedule schedule_;

  mutable absl::Mutex mu_;  // taken before that of the timers
  bool started_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool running_ ABSL_GUARDED_BY(mu_) = false;  // an evaluation is under way or about to begin
  bool restore_ ABSL_GUARDED_BY(mu_);
  int num_evaluations_ ABSL_GUARDED_BY(mu_) = 0;  // counted until restoration
  TimestampMs slot_ ABSL_GUARDED_BY(mu_) = 0;     // of the evaluation that is next or under way
  TimerQueue::TimerId timer_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tidemark::alerting
