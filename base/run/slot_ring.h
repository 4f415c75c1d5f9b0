#pragma once

#include <array>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tidemark {

// Hands things from one thread to one other, in order: a few slots that are filled and taken in
// turn, and reused, so that what a slot has allocated stays. Whoever is ahead waits.
template <typename Slot, size_t kNumSlots = 4>
class SlotRing {
 public:
  // For the thread that fills. The next slot, as it was left by whoever took it last; null once the
  // taker has stopped. FilledOne hands it on.
  Slot* NextToFill() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(this, &SlotRing::HasRoom));
    return stopped_ ? nullptr : &slots_[num_filled_ % kNumSlots];
  }
  void FilledOne() {
    absl::MutexLock lock(&mu_);
    ++num_filled_;
  }
  // Nothing follows.
  void Close() {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }

  // For the thread that takes. The next slot that was filled; null when nothing follows. TookOne
  // gives it back.
  Slot* NextToTake() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(this, &SlotRing::HasFilled));
    return num_taken_ == num_filled_ ? nullptr : &slots_[num_taken_ % kNumSlots];
  }
  void TookOne() {
    absl::MutexLock lock(&mu_);
    ++num_taken_;
  }
  // Wants no more.
  void Stop() {
    absl::MutexLock lock(&mu_);
    stopped_ = true;
  }

 private:
  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return stopped_ || num_filled_ - num_taken_ < kNumSlots;
  }
  bool HasFilled() const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return closed_ || num_taken_ < num_filled_;
  }

  absl::Mutex mu_;
  size_t num_filled_ ABSL_GUARDED_BY(mu_) = 0, num_taken_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false, stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::array<Slot, kNumSlots> slots_;
};

}  // namespace tidemark
