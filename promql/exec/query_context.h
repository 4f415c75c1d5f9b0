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

#include "base/model/timestamp.h"
#include "base/run/cancellation.h"
#include "base/run/thread_pool.h"
#include "promql/annotations.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// What all operators of one running query share. Thread-safe; outlives the operators.
class QueryContext {
 public:
  struct Options {
    std::string source;  // the query as it was written, for places in annotations
    DurationMs lookback_delta = 0;
    size_t max_samples = 0;
    bool delayed_name_removal = false;
  };
  QueryContext(Options options, const Cancellation& cancellation, ThreadPool& pool)
      : options_(std::move(options)), cancellation_(cancellation), pool_(pool) {}

  const Options& options() const { return options_; }
  ThreadPool& pool() { return pool_; }
  // Cancelled, DeadlineExceeded: to be asked for every batch and every few series.
  absl::Status CheckCancelled() const { return cancellation_.Check(); }

  // Adds "PromQL warning: TEXT (LINE:COLUMN)", with the place where `at` begins.
  void Warn(std::string_view text, SourceRange at) ABSL_LOCKS_EXCLUDED(mu_);
  void Inform(std::string_view text, SourceRange at) ABSL_LOCKS_EXCLUDED(mu_);
  Annotations annotations() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class SampleReservation;
  std::string Place(SourceRange at) const;

  const Options options_;
  const Cancellation& cancellation_;
  ThreadPool& pool_;
  std::atomic<size_t> held_samples_{0};
  mutable absl::Mutex mu_;
  Annotations annotations_ ABSL_GUARDED_BY(mu_);
};

// Samples in memory on account of a query; given back when this goes. One thread.
class SampleReservation {
 public:
  explicit SampleReservation(QueryContext& query) : query_(&query) {}
  SampleReservation(const SampleReservation&) = delete;
  SampleReservation& operator=(const SampleReservation&) = delete;
  ~SampleReservation() { Release(); }

  // ResourceExhausted where the query would hold more than max_samples.
  absl::Status Grow(size_t samples);
  // Release, then Grow.
  absl::Status Set(size_t samples);
  void Release();

 private:
  QueryContext* query_;  // outlives this
  size_t samples_ = 0;
};

}  // namespace tidemark::promql
