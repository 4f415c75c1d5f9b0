#include <algorithm>
#include <vector>

#include "tsdb/head/head.h"

// Replaying the journal into Head, before anybody else has it.

namespace tidemark::tsdb {
namespace {

constexpr size_t kPrefetchDistance = 16;

}  // namespace

void Head::Replay(std::span<const NumberedBatch> batches) {
  for (const auto& [number, batch] : batches) Replay(number, *batch);
}

void Head::Replay(uint64_t number, const JournalBatch& batch) {
  absl::MutexLock admission(&admission_mu_);
  for (const NewSeries& s : batch.new_series) ReplaySeries(s);
  absl::MutexLock data(&data_mu_);
  const std::span<const SeriesSample> samples = batch.samples;
  size_t begin = 0;  // of those that are to be applied
  for (size_t k = 0; k < samples.size(); ++k) {
    if (k + kPrefetchDistance < samples.size()) {
      const uint32_t next = NumberOf(samples[k + kPrefetchDistance].series);
      if (next < num_created_.load()) __builtin_prefetch(&arena_.series(next), 1);
    }
    const SeriesSample& s = samples[k];
    if (AdmitReplayed(number, {s.series, s.timestamp, IdentityOf(s.value)})) continue;
    Apply(samples.subspan(begin, k - begin));
    begin = k + 1;
  }
  Apply(samples.subspan(begin));
  for (const SeriesHistogram& h : batch.histograms) {
    if (AdmitReplayed(number, {h.series, h.timestamp, IdentityOfHistogram(h.bytes)})) {
      ApplyHistograms({&h, 1});
    }
  }
  if (number >= exemplars_cover_) ApplyExemplars(batch.exemplars);
  std::vector<SeriesDeletion> deletions;
  for (const SeriesDeletion& deletion : batch.deletions) {
    if (!checkpointed_.Covers(NumberOf(deletion.series), number)) deletions.push_back(deletion);
  }
  ApplyDeletions(deletions);
}

void Head::EndLoading() {
  absl::MutexLock data(&data_mu_);
  FinishIndex();
}

void Head::FinishIndex() {
  if (index_builder_ == nullptr) return;
  index_builder_->Finish();
  index_builder_ = nullptr;
}

// Gives a place of the arena to the series that the journal names, whoever had it before.
void Head::ReplaySeries(const NewSeries& named) {
  const absl::StatusOr<LabelSet> labels = LabelSet::FromBytes(std::string(named.labels));
  if (!labels.ok() || labels->empty() || labels->size() > kMaxLabelsPerSeries) return;
  const uint32_t number = NumberOf(named.series);
  const uint32_t generation = GenerationOf(named.series);
  if (number >= kMaxSeries || generation > kMaxGeneration) return;
  // Series are journaled with their first samples, so not in the order of their numbers.
  {
    absl::MutexLock lock(&creation_mu_);
    arena_.GrowTo(size_t{number} + 1);
    num_created_.store(static_cast<uint32_t>(arena_.size()), std::memory_order_release);
  }
  Series& series = arena_.series(number);
  const uint32_t known = series.generation.load(std::memory_order_relaxed);
  if (known > generation || (known == generation && series.num_labels > 0)) return;
  if (series.num_labels > 0) Unname(number);
  checkpointed_.Remove(number);
  const auto match = [&](uint32_t i) {
    return HasLabels(arena_.series(i), symbols_, *labels) ? SeriesLookup::Match::kYes
                                                          : SeriesLookup::Match::kNo;
  };
  const auto use_number = [&]() -> absl::StatusOr<uint32_t> { return number; };
  // Who had these labels before had left the head by then, all of its samples in blocks.
  const absl::StatusOr<uint32_t> before = lookup_.FindOrCreate(*labels, match, use_number);
  if (before.ok() && *before != number) {
    Unname(*before);
    lookup_.FindOrCreate(*labels, match, use_number).IgnoreError();
  }
  {
    absl::MutexLock lock(&creation_mu_);
    arena_.SetLabels(number, *labels, symbols_);
  }
  series.generation.store(generation, std::memory_order_release);
  series.is_journaled = true;
  metrics_.series_created.Increment();
}

bool Head::AdmitReplayed(uint64_t number, const Candidate& sample) {
  const uint32_t i = NumberOf(sample.series);
  if (checkpointed_.Covers(i, number)) return false;
  const bool is_known = i < num_created_.load() && arena_.series(i).num_labels > 0 &&
                        arena_.series(i).generation.load() == GenerationOf(sample.series);
  if (!is_known) {
    metrics_.unknown_refs.Increment();
    return false;
  }
  Series& series = arena_.series(i);
  if (sample.timestamp > series.admitted_time) {
    series.admitted_time = sample.timestamp;
    series.admitted_bits = sample.identity.bits;
    series.admitted_histogram = sample.identity.is_histogram;
    admitted_max_ = std::max(admitted_max_, sample.timestamp);
  }
  if (number >= cut_covers_ || sample.timestamp >= cut_before_) return true;
  // It is in a block.
  series.last_time = std::max(series.last_time, sample.timestamp);
  return false;
}

}  // namespace tidemark::tsdb
