#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tidemark::scrape {

// Space that pages are decompressed into, used again by the next page of any target: fresh memory
// for each would cost as much as the decompression. Holds some megabytes at most. Thread-safe.
class PageBuffers {
 public:
  // Empty or not; its capacity is what counts.
  std::string Take() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    if (free_.empty()) return std::string();
    std::string buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }
  void GiveBack(std::string buffer) ABSL_LOCKS_EXCLUDED(mu_) {
    if (buffer.capacity() > kMaxBytes) return;
    absl::MutexLock lock(&mu_);
    if (free_.size() < kMaxKept) free_.push_back(std::move(buffer));
  }

 private:
  static constexpr size_t kMaxKept = 4, kMaxBytes = 1 << 20;

  absl::Mutex mu_;  // nothing else is locked under it
  std::vector<std::string> free_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::scrape
