#include <algorithm>
#include <bit>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/head/head.h"

// The writing half of Head: admission, the journal, and the turn to apply.

namespace tidemark::tsdb {
namespace {

constexpr size_t kPrefetchDistance = 16;

std::pair<uint64_t, TimestampMs> TimeKey(const SeriesSample& s) {
  return {static_cast<uint64_t>(s.series), s.timestamp};
}

}  // namespace

absl::StatusOr<CommitResult> Head::Commit(std::span<const SeriesSample> batch, CommitMode mode,
                                          CommitScratch& scratch) {
  CommitResult result;
  uint64_t number = 0;
  {
    absl::MutexLock lock(&admission_mu_);
    const TimestampMs admitted_max = admitted_max_;
    const auto undo = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_) {
      Undo(scratch);
      admitted_max_ = admitted_max;
    };
    const absl::Status admitted = Admit(batch, scratch, result);
    if (!admitted.ok()) {
      undo();
      return admitted;
    }
    CountRejected(result);
    if (mode == CommitMode::kAllOrNothing && !result.rejected.empty()) {
      undo();
      return result;
    }
    result.stored = scratch.admitted.size();
    if (scratch.admitted.empty()) {
      // What was known already may still be on its way to the disk.
      number = journal_->last_number();
    } else {
      const absl::StatusOr<uint64_t> written = WriteToJournal(scratch);
      if (!written.ok()) {
        undo();
        return written.status();
      }
      number = *written;
    }
  }
  if (scratch.admitted.empty()) {
    RETURN_IF_ERROR(journal_->AwaitDurable(number));
    return result;
  }
  RETURN_IF_ERROR(AwaitTurn(number));
  Apply(scratch.admitted);
  next_to_apply_ = number + 1;
  PublishMetrics();
  data_mu_.Unlock();
  metrics_.samples_appended.Increment(static_cast<double>(result.stored));
  return result;
}

absl::Status Head::AwaitTurn(uint64_t number) {
  // Where this fails the journal takes no more batches, so none waits for this one's turn.
  RETURN_IF_ERROR(journal_->AwaitDurable(number));
  struct Turn {
    const Head* head;
    uint64_t number;
  } turn{this, number};
  const auto is_turn =
      +[](Turn* t) ABSL_NO_THREAD_SAFETY_ANALYSIS { return t->head->IsTurn(t->number); };
  data_mu_.LockWhen(absl::Condition(is_turn, &turn));
  return absl::OkStatus();
}

bool Head::IsTurn(uint64_t number) const { return next_to_apply_ == number; }

Head::Bounds Head::AdmissionBounds() const {
  // No sample stands at the very smallest time: it means "none" in Series.
  return {std::max(Horizon(admitted_max_), kMinTimestamp + 1),
          SaturatingAdd(clock_.Now(), options_.max_future)};
}

absl::Status Head::Admit(std::span<const SeriesSample> batch, CommitScratch& scratch,
                         CommitResult& result) {
  scratch.admitted.clear();
  scratch.undo.clear();
  scratch.by_time.clear();
  // Bounds are those before the batch: its own order does not decide what of it is too old.
  const Bounds bounds = AdmissionBounds();
  const uint64_t num_created = num_created_.load(std::memory_order_acquire);
  for (size_t i = 0; i < batch.size(); ++i) {
    if (i + kPrefetchDistance < batch.size()) {
      const uint32_t next = NumberOf(batch[i + kPrefetchDistance].series);
      if (next < num_created) __builtin_prefetch(&arena_.series(next), 1);
    }
    const SeriesSample& sample = batch[i];
    const uint32_t number = NumberOf(sample.series);
    if (number >= num_created) {
      return absl::InternalError(StrCat("a batch has a sample of the unknown series ",
                                        static_cast<uint64_t>(sample.series)));
    }
    Series& series = arena_.series(number);
    if (series.generation.load(std::memory_order_relaxed) != GenerationOf(sample.series)) {
      return absl::NotFoundError("a series of the batch has left the store: look it up again");
    }
    series.is_idle = false;
    Verdict verdict = Verdict::kAdmit;
    RejectReason reason = RejectReason::kOutOfBounds;
    if (sample.timestamp > series.admitted_time) {
      if (sample.timestamp < bounds.oldest || sample.timestamp > bounds.newest) {
        verdict = Verdict::kReject;
      } else {
        scratch.undo.push_back({number, series.admitted_time, series.admitted_bits});
        series.admitted_time = sample.timestamp;
        series.admitted_bits = std::bit_cast<uint64_t>(sample.value);
        admitted_max_ = std::max(admitted_max_, sample.timestamp);
      }
    } else {
      verdict = AdmitOutOfOrder(sample, bounds, scratch, &reason);
    }
    if (verdict == Verdict::kReject) result.rejected.push_back({i, reason});
    if (verdict != Verdict::kAdmit) continue;
    scratch.admitted.push_back(sample);
    if (!scratch.by_time.empty()) {
      scratch.by_time.emplace(TimeKey(sample), std::bit_cast<uint64_t>(sample.value));
    }
  }
  return absl::OkStatus();
}

Head::Verdict Head::AdmitOutOfOrder(const SeriesSample& sample, const Bounds& bounds,
                                    CommitScratch& scratch, RejectReason* reason) {
  const Series& series = arena_.series(NumberOf(sample.series));
  const auto bits = std::bit_cast<uint64_t>(sample.value);
  const auto same_or_duplicate = [&](uint64_t known) {
    *reason = RejectReason::kDuplicate;
    return known == bits ? Verdict::kKnown : Verdict::kReject;
  };
  if (sample.timestamp == kMinTimestamp) return Verdict::kReject;
  if (sample.timestamp == series.admitted_time) return same_or_duplicate(series.admitted_bits);
  if (options_.out_of_order_window == 0) {
    *reason = RejectReason::kOutOfOrder;
    return Verdict::kReject;
  }
  *reason = RejectReason::kTooOld;
  if (sample.timestamp < bounds.oldest) return Verdict::kReject;
  if (sample.timestamp < SaturatingSubtract(series.admitted_time, options_.out_of_order_window)) {
    return Verdict::kReject;
  }
  if (scratch.by_time.empty()) {
    for (const SeriesSample& s : scratch.admitted) {
      scratch.by_time.emplace(TimeKey(s), std::bit_cast<uint64_t>(s.value));
    }
  }
  if (const auto it = scratch.by_time.find(TimeKey(sample)); it != scratch.by_time.end()) {
    return same_or_duplicate(it->second);
  }
  absl::ReaderMutexLock lock(&data_mu_);
  const auto known = FindSample(NumberOf(sample.series), sample.timestamp);
  if (known.ok() && known->has_value()) {
    const Verdict verdict = same_or_duplicate(std::bit_cast<uint64_t>(**known));
    // One that was deleted comes back.
    const bool deleted = IsDeleted(NumberOf(sample.series), sample.timestamp);
    return verdict == Verdict::kKnown && deleted ? Verdict::kAdmit : verdict;
  }
  return Verdict::kAdmit;
}

void Head::Undo(const CommitScratch& scratch) {
  for (auto it = scratch.undo.rbegin(); it != scratch.undo.rend(); ++it) {
    Series& series = arena_.series(it->series);
    series.admitted_time = it->admitted_time;
    series.admitted_bits = it->admitted_bits;
  }
}

absl::StatusOr<uint64_t> Head::WriteToJournal(CommitScratch& scratch) {
  scratch.new_series.clear();
  scratch.new_labels.clear();
  // A series may have been made by another appender that has not committed yet, so what counts is
  // whether the journal has it, not who made it.
  for (const SeriesSample& sample : scratch.admitted) {
    Series& series = arena_.series(NumberOf(sample.series));
    if (series.is_journaled) continue;
    series.is_journaled = true;
    scratch.new_series.push_back({sample.series, {}});
    scratch.new_labels.push_back(LabelsOf(series, symbols_));
  }
  for (size_t i = 0; i < scratch.new_series.size(); ++i) {
    scratch.new_series[i].labels = scratch.new_labels[i].bytes();
  }
  EncodeJournalRecord(scratch.new_series, scratch.admitted, &scratch.record);
  absl::StatusOr<uint64_t> number = journal_->Append(scratch.record);
  if (!number.ok()) {
    metrics_.journal_writes_failed.Increment();
    metrics_.samples_refused.Increment(static_cast<double>(scratch.admitted.size()));
    for (const NewSeries& s : scratch.new_series) {
      arena_.series(NumberOf(s.series)).is_journaled = false;
    }
  }
  return number;
}

void Head::CountRejected(const CommitResult& result) {
  for (const RejectedSample& rejected : result.rejected) {
    switch (rejected.reason) {
      case RejectReason::kOutOfOrder:
        metrics_.out_of_order_rejected.Increment();
        break;
      case RejectReason::kDuplicate:
        metrics_.duplicate_rejected.Increment();
        break;
      case RejectReason::kTooOld:
        metrics_.too_old_rejected.Increment();
        break;
      case RejectReason::kOutOfBounds:
        metrics_.out_of_bound_rejected.Increment();
        break;
    }
  }
}

}  // namespace tidemark::tsdb
