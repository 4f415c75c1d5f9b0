#include "alerting/rules/group_runner.h"

#include "alerting/rules/rule_output.h"
#include "base/log.h"

namespace tidemark::alerting {

std::shared_ptr<GroupRunner> GroupRunner::Create(std::unique_ptr<RuleGroup> group,
                                                 const RuleContext& context, ThreadPool& pool,
                                                 TimerQueue& timers, Clock& clock, bool restore) {
  return std::shared_ptr<GroupRunner>(
      new GroupRunner(std::move(group), context, pool, timers, clock, restore));
}

GroupRunner::GroupRunner(std::unique_ptr<RuleGroup> group, const RuleContext& context,
                         ThreadPool& pool, TimerQueue& timers, Clock& clock, bool restore)
    : group_(std::move(group)),
      context_(context),
      pool_(pool),
      timers_(timers),
      clock_(clock),
      schedule_(group_->config().file, group_->config().name, group_->settings().interval),
      restore_(restore) {}

void GroupRunner::Start() {
  absl::MutexLock lock(&mu_);
  if (started_ || stopping_) return;
  started_ = true;
  Schedule(schedule_.SlotAfter(clock_.Now()));
}

void GroupRunner::Schedule(TimestampMs slot) {
  slot_ = slot;
  timer_ = timers_.At(slot, [self = shared_from_this()] { self->OnTimer(); });
}

void GroupRunner::OnTimer() {
  absl::MutexLock lock(&mu_);
  if (stopping_) return;
  running_ = pool_.Submit([self = shared_from_this()] { self->Evaluate(); });
}

void GroupRunner::Evaluate() {
  TimestampMs slot = 0;
  bool restores_now = false;
  {
    absl::MutexLock lock(&mu_);
    slot = slot_;
    restores_now = restore_ && ++num_evaluations_ == 2;
  }
  group_->Evaluate(slot);
  if (restores_now) group_->Restore(clock_.Now());

  absl::MutexLock lock(&mu_);
  running_ = false;
  if (restores_now) restore_ = false;
  if (stopping_) return;
  const GroupSchedule::Next next = schedule_.After(slot, clock_.Now());
  if (next.missed > 0) {
    const auto missed = static_cast<double>(next.missed);
    group_->metrics().iterations_missed.Increment(missed);
    group_->metrics().iterations.Increment(missed);
  }
  Schedule(next.slot);
}

void GroupRunner::Stop() {
  TimerQueue::TimerId timer = 0;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    timer = timer_;
  }
  timers_.Cancel(timer);
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &GroupRunner::Idle));
}

void GroupRunner::StopAndEndSeries() {
  Stop();
  const TimestampMs now = clock_.Now();
  const TimestampMs stamp = now - group_->settings().query_offset;
  auto end_series = [&appendable = context_.appendable, series = group_->TakeSeries(), stamp] {
    const absl::Status status = WriteStaleMarkers(appendable, series, stamp);
    if (status.ok()) return;
    log::Warn("Stale series of a removed rule group could not be ended",
              {{"err", std::string(status.message())}});
  };
  timers_.At(now + 2 * group_->settings().interval, std::move(end_series));
}

bool GroupRunner::restores() const {
  absl::MutexLock lock(&mu_);
  return restore_;
}

}  // namespace tidemark::alerting
