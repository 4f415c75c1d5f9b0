#include "base/run/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <memory>

namespace tidemark {
namespace {

// Shared by the threads of one ParallelFor; a helper that starts late still finds it.
struct Loop {
  explicit Loop(size_t n, const std::function<void(size_t)>& f) : count(n), fn(f) {}

  void Run() {
    for (size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      fn(i);
      absl::MutexLock lock(&mu);
      ++finished;
    }
  }

  const size_t count;
  const std::function<void(size_t)>& fn;  // lives until the last index has returned
  std::atomic<size_t> next{0};
  absl::Mutex mu;
  size_t finished ABSL_GUARDED_BY(mu) = 0;
};

}  // namespace

ThreadPool::ThreadPool(size_t num_threads) {
  threads_.reserve(num_threads);
  for (size_t i = 0; i < num_threads; ++i) threads_.emplace_back([this] { Work(); });
}

bool ThreadPool::Submit(std::function<void()> task) {
  absl::MutexLock lock(&mu_);
  if (stopping_) return false;
  tasks_.push_back(std::move(task));
  return true;
}

void ThreadPool::ParallelFor(size_t count, const std::function<void(size_t)>& fn) {
  if (count == 0) return;
  const auto loop = std::make_shared<Loop>(count, fn);
  const size_t helpers = std::min(count - 1, threads_.size());
  for (size_t i = 0; i < helpers; ++i) Submit([loop] { loop->Run(); });
  loop->Run();

  const auto all_finished = [&loop]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return loop->finished == loop->count;
  };
  absl::MutexLock lock(&loop->mu);
  loop->mu.Await(absl::Condition(&all_finished));
}

void ThreadPool::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadPool::Work() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return stopping_ || !tasks_.empty();
  };
  while (true) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&ready));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace tidemark
