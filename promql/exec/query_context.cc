#include "promql/exec/query_context.h"

#include <algorithm>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/histogram_load.h"

namespace tidemark::promql {

QueryContext::QueryContext(Options options, const Cancellation& cancellation, ThreadPool& pool,
                           MemoryBudget* all_queries)
    : options_(std::move(options)),
      cancellation_(cancellation),
      pool_(pool),
      memory_(options_.max_memory_bytes,
              StrCat("query would hold more than ", options_.max_memory_bytes,
                     " bytes in memory in query execution"),
              all_queries) {}

void QueryContext::Warn(std::string_view text, SourceRange at) {
  std::string full = StrCat("PromQL warning: ", text, Place(at));
  absl::MutexLock lock(&mu_);
  annotations_.AddWarning(std::move(full));
}

void QueryContext::Inform(std::string_view text, SourceRange at) {
  std::string full = StrCat("PromQL info: ", text, Place(at));
  absl::MutexLock lock(&mu_);
  annotations_.AddInfo(std::move(full));
}

Annotations QueryContext::annotations() const {
  absl::MutexLock lock(&mu_);
  return annotations_;
}

std::string QueryContext::Place(SourceRange at) const {
  const std::string_view before = std::string_view(options_.source).substr(0, at.begin);
  const size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return StrCat(" (", line, ":", at.begin - line_begin + 1, ")");
}

absl::Status MemoryReservation::Grow(size_t samples, size_t bytes) {
  samples_ += samples;
  const size_t held = query_->held_samples_.fetch_add(samples, std::memory_order_relaxed) + samples;
  if (query_->options_.collect_statistics) {
    uint64_t peak = query_->peak_samples_.load(std::memory_order_relaxed);
    while (held > peak && !query_->peak_samples_.compare_exchange_weak(peak, held)) {
    }
  }
  if (held > query_->options_.max_samples) {
    return absl::ResourceExhaustedError(
        "query processing would load too many samples into memory in query execution");
  }
  RETURN_IF_ERROR(query_->memory_.Take(bytes));
  bytes_ += bytes;
  return absl::OkStatus();
}

absl::Status MemoryReservation::GrowBy(const SampleColumns& samples) {
  constexpr size_t kBytesNotCounted = 64 << 10;  // which are not worth their atomic operations
  const HistogramLoad load = LoadOfHistograms(samples.histograms);
  const size_t bytes = samples.size() * (sizeof(TimestampMs) + sizeof(double)) + load.bytes;
  return Grow(samples.size() + samples.histograms.size() + load.extra_samples,
              bytes > kBytesNotCounted ? bytes : 0);
}

void MemoryReservation::Shrink(size_t samples, size_t bytes) {
  query_->held_samples_.fetch_sub(samples, std::memory_order_relaxed);
  query_->memory_.Give(bytes);
  samples_ -= samples;
  bytes_ -= bytes;
}

}  // namespace tidemark::promql
