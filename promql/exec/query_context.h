#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "base/model/sample.h"
#include "base/model/timestamp.h"
#include "base/run/cancellation.h"
#include "base/run/memory_budget.h"
#include "base/run/thread_pool.h"
#include "promql/annotations.h"
#include "promql/engine.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// How many steps of a large group may be worked on between two calls of CheckCancelled.
inline constexpr size_t kStepsPerCheck = 64;

// What all operators of one running query share. Thread-safe; outlives the operators.
class QueryContext {
 public:
  struct Options {
    std::string source;  // the query as it was written, for places in annotations
    DurationMs lookback_delta = 0;
    size_t max_samples = 0;
    size_t max_memory_bytes = 0;
    bool delayed_name_removal = false;
    bool collect_statistics = false;
  };
  // `all_queries`, of which the query's memory is a part, outlives the query.
  QueryContext(Options options, const Cancellation& cancellation, ThreadPool& pool,
               MemoryBudget* all_queries = nullptr);

  const Options& options() const { return options_; }
  ThreadPool& pool() { return pool_; }
  // Cancelled, DeadlineExceeded: to be asked for every batch and every few series.
  absl::Status CheckCancelled() const { return cancellation_.Check(); }

  // Adds "PromQL warning: TEXT (LINE:COLUMN)", with the place where `at` begins.
  void Warn(std::string_view text, SourceRange at) ABSL_LOCKS_EXCLUDED(mu_);
  void Inform(std::string_view text, SourceRange at) ABSL_LOCKS_EXCLUDED(mu_);
  Annotations annotations() const ABSL_LOCKS_EXCLUDED(mu_);

  // Counts samples that a selector saw at some step. Worth calling where collect_statistics is set.
  void CountQueryable(size_t samples) {
    queryable_samples_.fetch_add(samples, std::memory_order_relaxed);
  }
  QueryStatistics statistics() const { return {queryable_samples_.load(), peak_samples_.load()}; }

 private:
  friend class MemoryReservation;
  std::string Place(SourceRange at) const;

  const Options options_;
  const Cancellation& cancellation_;
  ThreadPool& pool_;
  std::atomic<size_t> held_samples_{0};
  MemoryBudget memory_;
  std::atomic<uint64_t> peak_samples_{0};  // of held_samples_, where statistics are collected
  std::atomic<uint64_t> queryable_samples_{0};
  mutable absl::Mutex mu_;
  Annotations annotations_ ABSL_GUARDED_BY(mu_);
};

// Samples and bytes in memory on account of a query; given back when this goes. One thread.
class MemoryReservation {
 public:
  explicit MemoryReservation(QueryContext& query) : query_(&query) {}
  MemoryReservation(const MemoryReservation&) = delete;
  MemoryReservation& operator=(const MemoryReservation&) = delete;
  ~MemoryReservation() { Release(); }

  // To be asked before the room is made. `bytes` is all of it, that of the samples included.
  //   ResourceExhausted  the query would hold more than max_samples or max_memory_bytes, or all
  //                      queries together more than they may
  absl::Status Grow(size_t samples, size_t bytes);
  // For the samples of one series, which a thread looks at.
  absl::Status GrowBy(const SampleColumns& samples);
  // Gives back a part of what was grown.
  void Shrink(size_t samples, size_t bytes);
  void Release() { Shrink(samples_, bytes_); }

 private:
  QueryContext* query_;  // outlives this
  size_t samples_ = 0, bytes_ = 0;
};

}  // namespace tidemark::promql
