#include <algorithm>
#include <bit>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/head/head.h"

// The writing half of Head: admission, the journal, and the turn to apply.

namespace tidemark::tsdb {
namespace {

constexpr size_t kPrefetchDistance = 16;

// Of a float, a histogram, or a candidate.
template <typename Sample>
std::pair<uint64_t, TimestampMs> TimeKey(const Sample& s) {
  return {static_cast<uint64_t>(s.series), s.timestamp};
}

}  // namespace

absl::StatusOr<CommitResult> Head::Commit(const HeadBatch& batch, CommitMode mode,
                                          CommitScratch& scratch) {
  CommitResult result;
  uint64_t number = 0;
  const auto is_empty = [&] { return result.stored == 0 && batch.exemplars.empty(); };
  {
    absl::MutexLock lock(&admission_mu_);
    const TimestampMs admitted_max = admitted_max_;
    const auto undo = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_) {
      Undo(scratch);
      admitted_max_ = admitted_max;
    };
    absl::Status admitted = Admit(batch.samples, batch.histograms, scratch);
    if (admitted.ok()) admitted = CheckReferences(batch.exemplars);
    if (!admitted.ok()) {
      undo();
      return admitted;
    }
    CountRejected(scratch);
    for (const CommitScratch::Rejected& r : scratch.rejected) result.rejected.push_back(r.sample);
    if (mode == CommitMode::kAllOrNothing && !result.rejected.empty()) {
      undo();
      return result;
    }
    result.stored = scratch.admitted.size() + scratch.admitted_histograms.size();
    if (is_empty()) {
      // What was known already may still be on its way to the disk.
      number = journal_->last_number();
    } else {
      const absl::StatusOr<uint64_t> written = WriteToJournal(batch.exemplars, scratch);
      if (!written.ok()) {
        undo();
        return written.status();
      }
      number = *written;
    }
  }
  if (is_empty()) {
    RETURN_IF_ERROR(journal_->AwaitDurable(number));
    return result;
  }
  RETURN_IF_ERROR(AwaitTurn(number));
  Apply(scratch.admitted);
  if (!scratch.admitted_histograms.empty()) ApplyHistograms(scratch.admitted_histograms);
  if (!batch.exemplars.empty()) ApplyExemplars(batch.exemplars);
  next_to_apply_ = number + 1;
  PublishMetrics();
  data_mu_.Unlock();
  metrics_.floats.appended.Increment(static_cast<double>(scratch.admitted.size()));
  if (!scratch.admitted_histograms.empty()) {
    metrics_.histograms.appended.Increment(static_cast<double>(scratch.admitted_histograms.size()));
  }
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

absl::Status Head::Admit(std::span<const SeriesSample> batch,
                         std::span<const BatchHistogram> histograms, CommitScratch& scratch) {
  scratch.admitted.clear();
  scratch.admitted_histograms.clear();
  scratch.rejected.clear();
  scratch.undo.clear();
  scratch.by_time.clear();
  // Bounds are those before the batch: its own order does not decide what of it is too old.
  const Bounds bounds = AdmissionBounds();
  if (histograms.empty()) return AdmitFloats(batch, 0, bounds, scratch);
  // In the order in which they were appended.
  const uint64_t num_created = num_created_.load(std::memory_order_acquire);
  size_t num_floats = 0;
  for (size_t k = 0; k < histograms.size(); ++k) {
    const SeriesHistogram& h = histograms[k].sample;
    const size_t before = histograms[k].num_floats_before;
    RETURN_IF_ERROR(AdmitFloats(batch.subspan(num_floats, before - num_floats), num_floats + k,
                                bounds, scratch));
    num_floats = before;
    absl::Status error;
    Series* const series = SeriesOf(h.series, num_created, &error);
    if (series == nullptr) return error;
    const Candidate candidate{h.series, h.timestamp, IdentityOfHistogram(h.bytes)};
    RejectReason reason = RejectReason::kOutOfBounds;
    const Verdict verdict = AdmitOne(candidate, *series, bounds, scratch, &reason);
    if (verdict == Verdict::kReject) {
      scratch.rejected.push_back({{num_floats + k, reason}, true});
    }
    if (verdict != Verdict::kAdmit) continue;
    scratch.admitted_histograms.push_back(h);
    if (!scratch.by_time.empty()) scratch.by_time.emplace(TimeKey(h), candidate.identity);
  }
  return AdmitFloats(batch.subspan(num_floats), num_floats + histograms.size(), bounds, scratch);
}

Series* Head::SeriesOf(SeriesRef ref, uint64_t num_created, absl::Status* error) {
  const uint32_t number = NumberOf(ref);
  if (number >= num_created) {
    *error = absl::InternalError(
        StrCat("a batch has a sample of the unknown series ", static_cast<uint64_t>(ref)));
    return nullptr;
  }
  Series& series = arena_.series(number);
  if (series.generation.load(std::memory_order_relaxed) != GenerationOf(ref)) {
    *error = absl::NotFoundError("a series of the batch has left the store: look it up again");
    return nullptr;
  }
  series.is_idle = false;
  return &series;
}

inline Head::Verdict Head::AdmitOne(const Candidate& sample, Series& series, const Bounds& bounds,
                                    CommitScratch& scratch, RejectReason* reason) {
  if (sample.timestamp <= series.admitted_time) {
    return AdmitOutOfOrder(sample, bounds, scratch, reason);
  }
  if (sample.timestamp < bounds.oldest || sample.timestamp > bounds.newest) {
    return Verdict::kReject;
  }
  scratch.undo.push_back({NumberOf(sample.series),
                          series.admitted_time,
                          {series.admitted_bits, series.admitted_histogram}});
  series.admitted_time = sample.timestamp;
  series.admitted_bits = sample.identity.bits;
  series.admitted_histogram = sample.identity.is_histogram;
  admitted_max_ = std::max(admitted_max_, sample.timestamp);
  return Verdict::kAdmit;
}

// Samples are numbered from `first_index` on, for what is rejected.
absl::Status Head::AdmitFloats(std::span<const SeriesSample> batch, size_t first_index,
                               const Bounds& bounds, CommitScratch& scratch) {
  const uint64_t num_created = num_created_.load(std::memory_order_acquire);
  absl::Status error;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (i + kPrefetchDistance < batch.size()) {
      const uint32_t next = NumberOf(batch[i + kPrefetchDistance].series);
      if (next < num_created) __builtin_prefetch(&arena_.series(next), 1);
    }
    const SeriesSample& sample = batch[i];
    Series* const series = SeriesOf(sample.series, num_created, &error);
    if (series == nullptr) return error;
    RejectReason reason = RejectReason::kOutOfBounds;
    const Verdict verdict = AdmitOne({sample.series, sample.timestamp, IdentityOf(sample.value)},
                                     *series, bounds, scratch, &reason);
    if (verdict == Verdict::kReject) {
      scratch.rejected.push_back({{first_index + i, reason}, false});
    }
    if (verdict != Verdict::kAdmit) continue;
    scratch.admitted.push_back(sample);
    if (!scratch.by_time.empty()) {
      scratch.by_time.emplace(TimeKey(sample), IdentityOf(sample.value));
    }
  }
  return absl::OkStatus();
}

Head::Verdict Head::AdmitOutOfOrder(const Candidate& sample, const Bounds& bounds,
                                    CommitScratch& scratch, RejectReason* reason) {
  const Series& series = arena_.series(NumberOf(sample.series));
  const auto same_or_duplicate = [&](const SampleIdentity& known) {
    *reason = RejectReason::kDuplicate;
    return known == sample.identity ? Verdict::kKnown : Verdict::kReject;
  };
  if (sample.timestamp == kMinTimestamp) return Verdict::kReject;
  if (sample.timestamp == series.admitted_time) {
    return same_or_duplicate({series.admitted_bits, series.admitted_histogram});
  }
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
      scratch.by_time.emplace(TimeKey(s), IdentityOf(s.value));
    }
    for (const SeriesHistogram& h : scratch.admitted_histograms) {
      scratch.by_time.emplace(TimeKey(h), IdentityOfHistogram(h.bytes));
    }
  }
  if (const auto it = scratch.by_time.find(TimeKey(sample)); it != scratch.by_time.end()) {
    return same_or_duplicate(it->second);
  }
  absl::ReaderMutexLock lock(&data_mu_);
  const auto known = FindSample(NumberOf(sample.series), sample.timestamp);
  if (known.ok() && known->has_value()) {
    const Verdict verdict = same_or_duplicate(**known);
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
    series.admitted_bits = it->admitted.bits;
    series.admitted_histogram = it->admitted.is_histogram;
  }
}

absl::StatusOr<uint64_t> Head::WriteToJournal(std::span<const SeriesExemplar> exemplars,
                                              CommitScratch& scratch) {
  scratch.new_series.clear();
  scratch.new_labels.clear();
  // A series may have been made by another appender that has not committed yet, so what counts is
  // whether the journal has it, not who made it.
  const auto name = [&](SeriesRef ref) ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_) {
    Series& series = arena_.series(NumberOf(ref));
    if (series.is_journaled) return;
    series.is_journaled = true;
    scratch.new_series.push_back({ref, {}});
    scratch.new_labels.push_back(LabelsOf(series, symbols_));
  };
  for (const SeriesSample& sample : scratch.admitted) name(sample.series);
  for (const SeriesHistogram& h : scratch.admitted_histograms) name(h.series);
  for (const SeriesExemplar& e : exemplars) name(e.series);
  for (size_t i = 0; i < scratch.new_series.size(); ++i) {
    scratch.new_series[i].labels = scratch.new_labels[i].bytes();
  }
  EncodeJournalRecord({.new_series = scratch.new_series,
                       .samples = scratch.admitted,
                       .histograms = scratch.admitted_histograms,
                       .exemplars = exemplars},
                      &scratch.record);
  absl::StatusOr<uint64_t> number = journal_->Append(scratch.record);
  if (!number.ok()) {
    metrics_.journal_writes_failed.Increment();
    metrics_.samples_refused.Increment(
        static_cast<double>(scratch.admitted.size() + scratch.admitted_histograms.size()));
    for (const NewSeries& s : scratch.new_series) {
      arena_.series(NumberOf(s.series)).is_journaled = false;
    }
  }
  return number;
}

void Head::CountRejected(const CommitScratch& scratch) {
  for (const CommitScratch::Rejected& rejected : scratch.rejected) {
    HeadMetrics::OfType& metrics = rejected.is_histogram ? metrics_.histograms : metrics_.floats;
    switch (rejected.sample.reason) {
      case RejectReason::kOutOfOrder:
        metrics.out_of_order_rejected.Increment();
        break;
      case RejectReason::kDuplicate:
        metrics.duplicate_rejected.Increment();
        break;
      case RejectReason::kTooOld:
        metrics.too_old_rejected.Increment();
        break;
      case RejectReason::kOutOfBounds:
        metrics.out_of_bound_rejected.Increment();
        break;
    }
  }
}

}  // namespace tidemark::tsdb
