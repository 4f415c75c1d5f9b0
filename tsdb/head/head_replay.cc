#include <algorithm>
#include <bit>
#include <thread>
#include <vector>

#include "tsdb/head/head.h"

// Replaying the journal into Head, before anybody else has it.
//
// Runs of batches that are floats of known series are shared out among some threads by series, so
// that each series gets its samples in order. What concerns more than the one series waits for a
// mutex of the run: a first sample, a late one, a chunk that is full.

namespace tidemark::tsdb {
namespace {

constexpr size_t kPrefetchDistance = 16;
// Fewer samples are not worth a thread.
constexpr size_t kMinSamplesToShare = 8192;
// Neighbours in the arena are mostly neighbours in a batch as well.
constexpr uint32_t kSeriesPerStripe = 256;

// As many threads as share samples; a power of two.
uint32_t NumLanes() {
  return std::bit_floor(std::clamp(std::thread::hardware_concurrency(), 1u, 4u));
}

}  // namespace

// What one thread does of a run: the samples of every num_lanes-th stripe of series.
class Head::ReplayLane {
 public:
  // `rare_mu` is held while anything is touched that other lanes may touch.
  ReplayLane(Head& head, uint32_t lane, uint32_t num_lanes, absl::Mutex& rare_mu)
      : head_(head), lane_(lane), num_lanes_(num_lanes), rare_mu_(rare_mu) {}

  // The thread that replays holds the locks of the head for all lanes.
  void Run(std::span<const NumberedBatch> batches) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (const NumberedBatch& numbered : batches) RunBatch(numbered);
  }
  // Once no lane runs any more.
  void Settle() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    head_.admitted_max_ = std::max(head_.admitted_max_, admitted_max_);
    head_.stats_.num_samples += num_samples_;
    head_.stats_.range.max = std::max(head_.stats_.range.max, newest_);
    head_.num_late_ += num_late_;
  }

 private:
  bool IsMine(SeriesRef ref) const {
    return NumberOf(ref) / kSeriesPerStripe % num_lanes_ == lane_;
  }
  void RunBatch(const NumberedBatch& numbered) ABSL_NO_THREAD_SAFETY_ANALYSIS;
  void Prefetch(std::span<const SeriesSample> samples, size_t k) const;
  // Appends to the open chunk, where that is all there is to do.
  bool GoesOn(const SeriesSample& sample) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  Head& head_;
  const uint32_t lane_, num_lanes_;
  absl::Mutex& rare_mu_;
  TimeRange partition_{kMaxTimestamp, kMinTimestamp};  // as Head::partition_
  // Of the samples that GoesOn appended, but for the first, which is of those that were admitted.
  TimestampMs admitted_max_ = kMinTimestamp, newest_ = kMinTimestamp;
  uint64_t num_samples_ = 0, num_late_ = 0;
};

void Head::ReplayLane::RunBatch(const NumberedBatch& numbered) {
  const std::span<const SeriesSample> samples = numbered.batch->samples;
  for (size_t k = 0; k < samples.size(); ++k) {
    const SeriesSample& s = samples[k];
    Prefetch(samples, k);
    if (!IsMine(s.series)) continue;
    const Candidate candidate{s.series, s.timestamp, IdentityOf(s.value)};
    if (!head_.AdmitReplayed(numbered.number, candidate, admitted_max_) || GoesOn(s)) continue;
    absl::MutexLock lock(&rare_mu_);
    head_.Apply({&s, 1});
  }
}

// Asks for memory that samples behind the one at `k` will want, what it points to a little later.
void Head::ReplayLane::Prefetch(std::span<const SeriesSample> samples, size_t k) const {
  const size_t num_created = head_.num_created_.load(std::memory_order_relaxed);
  const auto is_wanted = [&](size_t at) {
    return at < samples.size() && IsMine(samples[at].series) &&
           NumberOf(samples[at].series) < num_created;
  };
  if (const size_t far = k + kPrefetchDistance; is_wanted(far)) {
    const uint32_t i = NumberOf(samples[far].series);
    __builtin_prefetch(&head_.arena_.series(i), 1);
    __builtin_prefetch(&head_.arena_.chunks(i), 1);
  }
  if (const size_t near = k + kPrefetchDistance / 2; is_wanted(near)) {
    head_.arena_.chunks(NumberOf(samples[near].series)).open.PrefetchEnd();
  }
}

bool Head::ReplayLane::GoesOn(const SeriesSample& sample) {
  const uint32_t i = NumberOf(sample.series);
  Series& series = head_.arena_.series(i);
  if (!series.is_indexed || series.ends_in_histogram) return false;
  if (sample.timestamp <= series.last_time) return false;
  OpenChunk& open = head_.arena_.chunks(i).open;
  if (open.empty() || open.size() + 1 >= kSamplesPerChunk) return false;
  if (!partition_.Contains(sample.timestamp)) partition_ = head_.PartitionOf(sample.timestamp);
  if (open.first_timestamp() < partition_.min) return false;
  open.Append(sample.timestamp, sample.value);
  series.last_time = sample.timestamp;
  ++series.num_samples;
  ++num_samples_;
  newest_ = std::max(newest_, sample.timestamp);
  if (sample.timestamp < head_.cut_before_) ++num_late_;
  return true;
}

void Head::Replay(std::span<const NumberedBatch> batches) {
  absl::MutexLock admission(&admission_mu_);
  while (!batches.empty()) {
    for (const NewSeries& s : batches[0].batch->new_series) ReplaySeries(s);
    // All that follow without anything but floats go with this one.
    size_t end = 1;
    const auto has_more = [](const JournalBatch& batch) {
      return !batch.histograms.empty() || !batch.deletions.empty();
    };
    while (end < batches.size() && !has_more(*batches[end - 1].batch) &&
           batches[end].batch->new_series.empty()) {
      ++end;
    }
    absl::MutexLock data(&data_mu_);
    ReplayFloats(batches.first(end));
    ReplayHistograms(batches[end - 1]);
    ReplayDeletions(batches[end - 1]);
    batches = batches.subspan(end);
  }
}

void Head::ReplayFloats(std::span<const NumberedBatch> batches) {
  size_t num_samples = 0;
  for (const NumberedBatch& numbered : batches) num_samples += numbered.batch->samples.size();
  const uint32_t num_lanes = num_samples < kMinSamplesToShare ? 1 : NumLanes();
  absl::Mutex rare_mu;
  std::vector<ReplayLane> lanes;
  for (uint32_t lane = 0; lane < num_lanes; ++lane) {
    lanes.emplace_back(*this, lane, num_lanes, rare_mu);
  }
  std::vector<std::thread> threads;
  for (uint32_t lane = 1; lane < num_lanes; ++lane) {
    threads.emplace_back([&, lane] { lanes[lane].Run(batches); });
  }
  lanes[0].Run(batches);
  for (std::thread& thread : threads) thread.join();
  for (ReplayLane& lane : lanes) lane.Settle();
}

void Head::ReplayHistograms(const NumberedBatch& numbered) {
  for (const SeriesHistogram& h : numbered.batch->histograms) {
    const Candidate candidate{h.series, h.timestamp, IdentityOfHistogram(h.bytes)};
    if (AdmitReplayed(numbered.number, candidate, admitted_max_)) ApplyHistograms({&h, 1});
  }
}

void Head::ReplayDeletions(const NumberedBatch& numbered) {
  std::vector<SeriesDeletion> deletions;
  for (const SeriesDeletion& deletion : numbered.batch->deletions) {
    if (!checkpointed_.Covers(NumberOf(deletion.series), numbered.number)) {
      deletions.push_back(deletion);
    }
  }
  ApplyDeletions(deletions);
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

bool Head::AdmitReplayed(uint64_t number, const Candidate& sample, TimestampMs& newest) {
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
    newest = std::max(newest, sample.timestamp);
  }
  if (number >= cut_covers_ || sample.timestamp >= cut_before_) return true;
  // It is in a block.
  series.last_time = std::max(series.last_time, sample.timestamp);
  return false;
}

}  // namespace tidemark::tsdb
