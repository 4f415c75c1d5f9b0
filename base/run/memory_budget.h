#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace tidemark {

// How many bytes something may hold, as a part of what a larger whole may hold. It knows what it is
// told; nothing is allocated here. Thread-safe.
class MemoryBudget {
 public:
  // `refusal` is the text of the error past `max_bytes`. `whole`, where given, outlives this.
  MemoryBudget(size_t max_bytes, std::string refusal, MemoryBudget* whole = nullptr)
      : max_bytes_(max_bytes), refusal_(std::move(refusal)), whole_(whole) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // To be asked before an allocation, and answered by Give once it has gone.
  //   ResourceExhausted  it does not fit here or into the whole; nothing is taken then
  absl::Status Take(size_t bytes);
  void Give(size_t bytes);
  size_t held_bytes() const { return held_.load(std::memory_order_relaxed); }

 private:
  const size_t max_bytes_;
  const std::string refusal_;
  MemoryBudget* const whole_;
  std::atomic<size_t> held_{0};
};

}  // namespace tidemark
