#include "tsdb/head/head.h"

#include <algorithm>
#include <bit>

#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

// A chunk of this many samples is sealed: Prometheus's size, which keeps decoding for one step
// cheap and headers small beside the data.
constexpr size_t kSamplesPerChunk = 120;
// How far ahead of the sample in hand memory is asked for.
constexpr size_t kPrefetchDistance = 16;

}  // namespace

Head::Head(const Options& options, const Clock& clock, MetricRegistry& metrics)
    : options_(options),
      clock_(clock),
      metrics_(metrics),
      exemplars_(options.max_exemplars, metrics) {
  stats_.range = {kMaxTimestamp, kMinTimestamp};
}

SeriesRef Head::Find(const Hash128& raw_key) const {
  const std::optional<SeriesPlace> found = lookup_.FindRaw(raw_key);
  return found ? RefOf(found->number, found->generation) : kNoSeries;
}

absl::StatusOr<SeriesRef> Head::GetOrCreate(const LabelSet& labels, const Hash128* raw_key) {
  if (labels.empty()) return absl::InvalidArgumentError("a series needs at least one label");
  if (labels.size() > kMaxLabelsPerSeries) {
    return absl::InvalidArgumentError(
        StrCat("a series has ", labels.size(), " labels, more than ", kMaxLabelsPerSeries));
  }
  uint32_t generation = 0;
  const auto match = [&](uint32_t i) {
    generation = arena_.series(i).generation.load(std::memory_order_acquire);
    if (generation % 2 == 1) return SeriesLookup::Match::kRetired;
    return HasLabels(arena_.series(i), symbols_, labels) ? SeriesLookup::Match::kYes
                                                         : SeriesLookup::Match::kNo;
  };
  const auto create = [&]() -> absl::StatusOr<uint32_t> {
    ASSIGN_OR_RETURN(const uint32_t number, Create(labels));
    generation = arena_.series(number).generation.load(std::memory_order_relaxed);
    return number;
  };
  ASSIGN_OR_RETURN(const uint32_t number, lookup_.FindOrCreate(labels, match, create));
  if (raw_key != nullptr) lookup_.AddRaw(*raw_key, {number, static_cast<uint16_t>(generation)});
  return RefOf(number, generation);
}

absl::StatusOr<uint32_t> Head::Create(const LabelSet& labels) {
  absl::MutexLock lock(&creation_mu_);
  if (arena_.size() == kMaxSeries && arena_.num_free() == 0) {
    return absl::ResourceExhaustedError("the store has given out all series numbers");
  }
  const uint32_t number = arena_.Add();
  arena_.SetLabels(number, labels, symbols_);
  num_created_.store(static_cast<uint32_t>(arena_.size()), std::memory_order_release);
  metrics_.series_created.Increment();
  return number;
}

void Head::StartJournal(JournalWriter* journal, uint64_t next_number) {
  EndLoading();
  journal_ = journal;
  checkpointed_ = CheckpointedSeries();
  {
    absl::MutexLock lock(&creation_mu_);
    arena_.FreeUnnamed();
  }
  absl::MutexLock lock(&data_mu_);
  next_to_apply_ = next_number;
  PublishMetrics();
}

void Head::Apply(std::span<const SeriesSample> samples) {
  if (!options_.keeps_samples) return;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i + kPrefetchDistance < samples.size()) {
      const uint32_t next = NumberOf(samples[i + kPrefetchDistance].series);
      __builtin_prefetch(&arena_.series(next), 1);
      __builtin_prefetch(&arena_.chunks(next), 1);
    }
    // What the line fetched before points to.
    if (i + kPrefetchDistance / 2 < samples.size()) {
      arena_.chunks(NumberOf(samples[i + kPrefetchDistance / 2].series)).open.PrefetchEnd();
    }
    const SeriesSample& sample = samples[i];
    const uint32_t number = NumberOf(sample.series);
    Series& series = arena_.series(number);
    if (sample.timestamp > series.last_time) {
      ApplyInOrder(number, sample.timestamp, sample.value);
    } else {
      ApplyOutOfOrder(number, sample.timestamp, sample.value);
    }
  }
}

void Head::AddToIndex(uint32_t i) {
  Series& series = arena_.series(i);
  if (series.is_indexed) return;
  series.is_indexed = true;
  if (index_builder_ == nullptr) {
    index_.Add(i, series.label_span());
  } else {
    index_builder_->Add(i);
  }
  ++stats_.num_series;
}

void Head::SealOpen(uint32_t i) {
  SeriesChunks& chunks = arena_.chunks(i);
  sealed_.Append({chunks.open.first_timestamp(), chunks.open.last_timestamp()},
                 static_cast<uint32_t>(chunks.open.size()), chunks.open.Seal(), chunks.sealed);
  chunks.open = OpenChunk();
}

uint32_t Head::SealedEnd(uint32_t i) const {
  const OpenHistograms* const histograms = FindOpenHistograms(i);
  const size_t num_open = histograms != nullptr ? histograms->size() : arena_.chunks(i).open.size();
  return arena_.series(i).num_samples - static_cast<uint32_t>(num_open);
}

void Head::ApplyInOrder(uint32_t i, TimestampMs timestamp, double value) {
  Series& series = arena_.series(i);
  SeriesChunks& chunks = arena_.chunks(i);
  AddToIndex(i);
  if (series.ends_in_histogram && ApplyAfterHistograms(i, timestamp, value)) return;
  if (!partition_.Contains(timestamp)) partition_ = PartitionOf(timestamp);
  if (chunks.open.size() > 0 && chunks.open.first_timestamp() < partition_.min) SealOpen(i);
  if (chunks.open.size() == 0) ++stats_.num_chunks;
  chunks.open.Append(timestamp, value);
  CountInOrder(series, timestamp);
  if (chunks.open.size() == kSamplesPerChunk) SealOpen(i);
}

OutOfOrder* Head::BeginOutOfOrder(uint32_t i, TimestampMs timestamp) {
  // The usual case in replay of what a checkpoint has already: nothing needs to be decoded.
  Series& series = arena_.series(i);
  if (HasNewest(i, timestamp)) {
    Undelete(i, timestamp);
    return nullptr;
  }
  // Admission looked, but a batch that was under way beside this one may have brought it.
  const auto known = FindSample(i, timestamp);
  if (!known.ok()) return nullptr;
  Undelete(i, timestamp);
  if (known->has_value()) return nullptr;
  AddToIndex(i);
  if (series.out_of_order == nullptr) series.out_of_order = std::make_unique<OutOfOrder>();
  stats_.num_chunks -= series.out_of_order->num_chunks();
  series.min_time = std::min(series.min_time, timestamp);
  ++stats_.num_samples;
  stats_.range.min = std::min(stats_.range.min, timestamp);
  if (timestamp < cut_before_) ++num_late_;
  return series.out_of_order.get();
}

void Head::ApplyOutOfOrder(uint32_t i, TimestampMs timestamp, double value) {
  OutOfOrder* const out_of_order = BeginOutOfOrder(i, timestamp);
  if (out_of_order == nullptr) return;
  out_of_order->Insert(timestamp, value);
  stats_.num_chunks += out_of_order->num_chunks();
  metrics_.floats.out_of_order_appended.Increment();
}

TimestampMs Head::Horizon(TimestampMs newest) const {
  if (options_.retention == 0 || newest == kMinTimestamp) return kMinTimestamp;
  return SaturatingSubtract(newest, options_.retention);
}

HeadStats Head::Stats() const {
  absl::ReaderMutexLock lock(&data_mu_);
  HeadStats stats = stats_;
  stats.num_label_pairs = index_.num_pairs();
  return stats;
}

void Head::ResumeAt(TimestampMs newest) {
  absl::MutexLock lock(&admission_mu_);
  admitted_max_ = std::max(admitted_max_, newest);
}

TimestampMs Head::Newest() const {
  absl::MutexLock lock(&admission_mu_);
  return admitted_max_;
}

void Head::PublishMetrics() {
  metrics_.series.Set(static_cast<double>(stats_.num_series));
  metrics_.chunks.Set(static_cast<double>(stats_.num_chunks));
  metrics_.min_time.Set(static_cast<double>(stats_.range.min));
  metrics_.max_time.Set(static_cast<double>(stats_.range.max));
  metrics_.min_time_seconds.Set(static_cast<double>(stats_.range.min) / kSecond);
  metrics_.max_time_seconds.Set(static_cast<double>(stats_.range.max) / kSecond);
}

}  // namespace tidemark::tsdb
