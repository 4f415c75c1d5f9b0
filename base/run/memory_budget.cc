#include "base/run/memory_budget.h"

namespace tidemark {

absl::Status MemoryBudget::Take(size_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  size_t held = held_.load(std::memory_order_relaxed);
  do {
    if (held > max_bytes_ || bytes > max_bytes_ - held) {
      return absl::ResourceExhaustedError(refusal_);
    }
  } while (!held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
  absl::Status status = whole_ != nullptr ? whole_->Take(bytes) : absl::OkStatus();
  if (!status.ok()) held_.fetch_sub(bytes, std::memory_order_relaxed);
  return status;
}

void MemoryBudget::Give(size_t bytes) {
  if (bytes == 0) return;
  held_.fetch_sub(bytes, std::memory_order_relaxed);
  if (whole_ != nullptr) whole_->Give(bytes);
}

}  // namespace tidemark
