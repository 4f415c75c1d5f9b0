#include "base/run/timer_queue.h"

#include <algorithm>

namespace tidemark {

TimerQueue::TimerQueue(Clock& clock) : clock_(clock), thread_([this] { Run(); }) {}

TimerQueue::TimerId TimerQueue::At(TimestampMs when, std::function<void()> fn) {
  absl::MutexLock lock(&mu_);
  timers_.emplace(Key{when, ++last_id_}, std::move(fn));
  return last_id_;
}

bool TimerQueue::Cancel(TimerId id) {
  if (id == 0) return false;  // what running_ is when nothing runs
  absl::MutexLock lock(&mu_);
  const auto it = std::find_if(timers_.begin(), timers_.end(),
                               [id](const auto& timer) { return timer.first.second == id; });
  if (it != timers_.end()) {
    timers_.erase(it);
    return true;
  }
  if (std::this_thread::get_id() != thread_.get_id()) {
    const auto done = [this, id]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return running_ != id; };
    mu_.Await(absl::Condition(&done));
  }
  return false;
}

void TimerQueue::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    timers_.clear();
  }
  if (thread_.joinable()) thread_.join();
}

bool TimerQueue::FirstChanged() const {
  return stopping_ || (!timers_.empty() && timers_.begin()->first < awaited_);
}

void TimerQueue::Run() {
  absl::MutexLock lock(&mu_);
  const auto first_changed = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return FirstChanged(); };
  while (!stopping_) {
    awaited_ = timers_.empty() ? Key{kMaxTimestamp, 0} : timers_.begin()->first;
    if (awaited_.first > clock_.Now()) {
      clock_.WaitUntil(mu_, absl::Condition(&first_changed), awaited_.first);
      continue;
    }
    auto due = timers_.extract(timers_.begin());
    running_ = due.key().second;
    mu_.Unlock();
    due.mapped()();
    mu_.Lock();
    running_ = 0;
  }
}

}  // namespace tidemark
