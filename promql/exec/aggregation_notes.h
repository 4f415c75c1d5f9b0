#pragma once

#include <atomic>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "promql/exec/query_context.h"
#include "promql/parser/ast.h"

namespace tidemark::promql {

// What an aggregation, in any of its groups and steps, has to tell of native histograms.
// Thread-safe.
class AggregationNotes {
 public:
  // A histogram where the operator knows floats only.
  void NoteIgnored() { ignored_.store(true, std::memory_order_relaxed); }
  // Floats and histograms together.
  void NoteMixed() { mixed_.store(true, std::memory_order_relaxed); }
  void NoteConflictingResets() { conflicting_resets_.store(true, std::memory_order_relaxed); }
  void NoteReconciledBounds() { reconciled_bounds_.store(true, std::memory_order_relaxed); }
  // Exponential and custom buckets together, when a series of this metric came.
  void NoteOtherBuckets(std::string_view metric_name) ABSL_LOCKS_EXCLUDED(mu_);

  // Tells the query. `input`: where the aggregated expression stands.
  void Tell(QueryContext& query, std::string_view op, SourceRange input) const
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  std::atomic<bool> ignored_{false}, mixed_{false}, conflicting_resets_{false},
      reconciled_bounds_{false};
  mutable absl::Mutex mu_;
  std::set<std::string, std::less<>> other_buckets_ ABSL_GUARDED_BY(mu_);  // names of metrics
};

// "ignored histogram in topk aggregation".
void InformOfIgnoredHistogram(QueryContext& query, std::string_view op, SourceRange source);

}  // namespace tidemark::promql
