#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tidemark {

// A fixed number of threads that take work in the order it came. Thread-safe.
class ThreadPool {
 public:
  explicit ThreadPool(size_t num_threads);
  ~ThreadPool() { Stop(); }

  // False where the pool has stopped; `task` is then not called.
  bool Submit(std::function<void()> task) ABSL_LOCKS_EXCLUDED(mu_);

  // Calls fn(0) to fn(count - 1), each once, on the pool and on the calling thread, and returns
  // when all have returned. May be called from a task of the pool: the caller works too, so it
  // never waits for a free thread.
  void ParallelFor(size_t count, const std::function<void(size_t)>& fn) ABSL_LOCKS_EXCLUDED(mu_);

  // Finishes what was submitted, then joins the threads. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  size_t num_threads() const { return threads_.size(); }

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mu_);

  absl::Mutex mu_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // last: they read all of the above
};

}  // namespace tidemark
