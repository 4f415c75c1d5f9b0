#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"

namespace tidemark::scrape {

// The labels of all targets that are being scraped, so that a target that is gone can tell whether
// another one goes on with its series. Thread-safe.
class ActiveLabels {
 public:
  void Add(const LabelSet& labels) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    ++count_[labels];
  }
  void Remove(const LabelSet& labels) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    const auto it = count_.find(labels);
    if (it != count_.end() && --it->second == 0) count_.erase(it);
  }
  bool Has(const LabelSet& labels) const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    return count_.contains(labels);
  }

 private:
  mutable absl::Mutex mu_;  // nothing else is locked under it
  absl::flat_hash_map<LabelSet, int> count_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::scrape
