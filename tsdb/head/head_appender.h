#pragma once

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "tsdb/appender.h"
#include "tsdb/head/head.h"

namespace tidemark::tsdb {

// Makes the appenders of a head. Thread-safe.
class HeadAppenders {
 public:
  // `head` outlives this.
  explicit HeadAppenders(Head& head) : head_(head) {}

  // The appender is gone before this is.
  std::unique_ptr<Appender> New() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class HeadAppender;
  // Space for one batch, which another appender uses again: that of a large scrape is some hundred
  // kilobytes, and asking for it anew each time costs as much as applying the samples.
  struct Buffers {
    std::vector<SeriesSample> samples;
    CommitScratch scratch;
  };

  std::unique_ptr<Buffers> TakeBuffers() ABSL_LOCKS_EXCLUDED(mu_);
  void GiveBack(std::unique_ptr<Buffers> buffers) ABSL_LOCKS_EXCLUDED(mu_);

  Head& head_;
  absl::Mutex mu_;  // nothing else is locked under it
  std::vector<std::unique_ptr<Buffers>> free_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::tsdb
