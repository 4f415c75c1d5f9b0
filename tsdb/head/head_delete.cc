#include <algorithm>

#include "absl/time/time.h"

#include "base/run/failpoint.h"
#include "base/status_macros.h"
#include "tsdb/head/head.h"

// The part of Head that deletes samples: it remembers what is hidden, and the next cut leaves that
// out.

namespace tidemark::tsdb {
namespace {

// How long to wait for batches under way. Only a broken journal lets it be in vain.
constexpr absl::Duration kAppliedTimeout = absl::Seconds(1);

}  // namespace

bool Head::LockApplied() {
  const auto all_applied = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return next_to_apply_ > journal_->last_number();
  };
  data_mu_.Lock();
  return data_mu_.AwaitWithTimeout(absl::Condition(&all_applied), kAppliedTimeout);
}

absl::StatusOr<size_t> Head::Delete(std::span<const LabelMatcher> matchers, TimeRange range) {
  std::vector<SeriesDeletion> deletions;
  uint64_t number = 0;
  {
    absl::MutexLock admission(&admission_mu_);
    const bool applied = LockApplied();
    if (applied) {
      for (const uint32_t i : index_.Select(matchers).ToVector()) {
        const Series& series = arena_.series(i);
        // Not beyond what is there: a sample that continues the series later is not deleted.
        const TimeRange times{std::max(range.min, series.min_time),
                              std::min(range.max, series.last_time)};
        if (times.min > times.max) continue;
        deletions.push_back({RefOf(i, series.generation.load(std::memory_order_relaxed)), times});
      }
    }
    data_mu_.Unlock();
    if (!applied) return absl::UnavailableError("batches under way do not become durable");
    if (deletions.empty()) return 0;
    std::string record;
    EncodeJournalRecord({.deletions = deletions}, &record);
    ASSIGN_OR_RETURN(number, journal_->Append(record));
  }
  Failpoint("delete.journaled");
  RETURN_IF_ERROR(AwaitTurn(number));
  ApplyDeletions(deletions);
  next_to_apply_ = number + 1;
  data_mu_.Unlock();
  return deletions.size();
}

void Head::ApplyDeletions(std::span<const SeriesDeletion> deletions) {
  for (const SeriesDeletion& deletion : deletions) {
    const uint32_t i = NumberOf(deletion.series);
    if (i >= num_created_.load() || !arena_.series(i).is_indexed) continue;
    if (arena_.series(i).generation.load() != GenerationOf(deletion.series)) continue;
    std::shared_ptr<const IntervalSet>& known = deleted_[i];
    auto times =
        known == nullptr ? std::make_shared<IntervalSet>() : std::make_shared<IntervalSet>(*known);
    times->Add(deletion.times);
    known = std::move(times);
  }
}

bool Head::IsDeleted(uint32_t i, TimestampMs t) const {
  if (deleted_.empty()) return false;
  const auto found = deleted_.find(i);
  return found != deleted_.end() && found->second->Contains(t);
}

void Head::Undelete(uint32_t i, TimestampMs t) {
  if (!IsDeleted(i, t)) return;
  std::shared_ptr<const IntervalSet>& known = deleted_[i];
  auto times = std::make_shared<IntervalSet>(*known);
  times->Remove(t);
  known = std::move(times);
}

}  // namespace tidemark::tsdb
