#include "promql/exec/query_context.h"

#include <algorithm>

#include "base/strings.h"

namespace tidemark::promql {

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

absl::Status SampleReservation::Grow(size_t samples) {
  samples_ += samples;
  const size_t held = query_->held_samples_.fetch_add(samples, std::memory_order_relaxed) + samples;
  if (held <= query_->options_.max_samples) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "query processing would load too many samples into memory in query execution");
}

absl::Status SampleReservation::Set(size_t samples) {
  Release();
  return Grow(samples);
}

void SampleReservation::Release() {
  query_->held_samples_.fetch_sub(samples_, std::memory_order_relaxed);
  samples_ = 0;
}

}  // namespace tidemark::promql
