#include <algorithm>

#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/head/head.h"
#include "tsdb/head/label_order.h"

// The part of Head that gives samples up to blocks and series up altogether.

namespace tidemark::tsdb {
namespace {

// Series that are looked at before appends go on.
constexpr size_t kSeriesPerSlice = 1024;
// As many samples older than the last cut are worth another one before the next is due.
constexpr uint64_t kLateSamplesPerCut = 4'000'000;

}  // namespace

TimeRange Head::PartitionOf(TimestampMs t) const {
  const DurationMs range = options_.block_range;
  const TimestampMs min = SaturatingSubtract(t, (t % range + range) % range);
  return {min, SaturatingAdd(min, range - 1)};
}

std::optional<TimestampMs> Head::CutDue() const {
  absl::ReaderMutexLock lock(&data_mu_);
  if (stats_.num_samples == 0) return std::nullopt;
  const TimestampMs before =
      PartitionOf(SaturatingSubtract(stats_.range.max, options_.block_range / 2)).min;
  if (stats_.range.min >= before) return std::nullopt;
  if (before <= cut_before_ && num_late_ < kLateSamplesPerCut) return std::nullopt;
  return before;
}

absl::StatusOr<HeadCut> Head::BeginCut(TimestampMs before) {
  HeadCut cut;
  cut.before = before;
  absl::flat_hash_set<TimestampMs> starts;
  {
    absl::ReaderMutexLock lock(&data_mu_);
    cut.covers = next_to_apply_;
  }
  for (size_t begin = 0; begin < num_created_.load(std::memory_order_acquire);) {
    absl::MutexLock lock(&data_mu_);
    const size_t end = std::min<size_t>(begin + kSeriesPerSlice, num_created_.load());
    for (; begin < end; ++begin) {
      RETURN_IF_ERROR(BeginCutOf(static_cast<uint32_t>(begin), cut, starts));
    }
  }
  // What leaves, leaves through this thread: none of the series can go before the cut has ended.
  SortByLabelSet(arena_, symbols_, cut.series);
  for (const TimestampMs start : starts) cut.partitions.push_back(PartitionOf(start));
  std::sort(cut.partitions.begin(), cut.partitions.end(),
            [](const TimeRange& a, const TimeRange& b) { return a.min < b.min; });
  return cut;
}

absl::Status Head::BeginCutOf(uint32_t i, HeadCut& cut, absl::flat_hash_set<TimestampMs>& starts) {
  Series& series = arena_.series(i);
  if (!series.is_indexed || series.min_time >= cut.before) return absl::OkStatus();
  SeriesChunks& chunks = arena_.chunks(i);
  if (series.last_time < cut.before) {
    if (chunks.open.size() > 0) SealOpen(i);
    const OpenHistograms* const histograms = FindOpenHistograms(i);
    if (histograms != nullptr && !histograms->empty()) SealHistograms(i);
  }
  CutSeries taken{i, series.num_dropped, nullptr};
  for (const ArenaChunk chunk : chunks.sealed) {
    if (chunk.range().max >= cut.before) continue;
    taken.num_samples += chunk.count();
    starts.insert(PartitionOf(chunk.range().min).min);
  }
  if (series.out_of_order != nullptr) {
    OutOfOrder& late = *series.out_of_order;
    stats_.num_chunks -= late.num_chunks();
    absl::StatusOr<std::shared_ptr<const SampleColumns>> frozen = late.Freeze(cut.before);
    stats_.num_chunks += late.num_chunks();
    RETURN_IF_ERROR(frozen.status());
    taken.late = *std::move(frozen);
  }
  if (taken.late != nullptr) {
    for (const std::span<const TimestampMs> times :
         {std::span<const TimestampMs>(taken.late->timestamps),
          taken.late->histograms.timestamps()}) {
      TimeRange partition{kMaxTimestamp, kMinTimestamp};
      for (const TimestampMs t : times) {
        if (partition.Contains(t)) continue;
        partition = PartitionOf(t);
        starts.insert(partition.min);
      }
    }
  }
  if (taken.num_samples > series.num_dropped || taken.late != nullptr) {
    cut.series.push_back(std::move(taken));
  }
  return absl::OkStatus();
}

absl::Status Head::ReadCut(const CutSeries& taken, TimeRange range, SampleColumns& out) const {
  RETURN_IF_ERROR(Read({taken.series, taken.num_samples, nullptr}, range, out));
  if (taken.late == nullptr) return absl::OkStatus();
  SampleColumns late = *taken.late;
  KeepRange(range, late);
  {
    absl::ReaderMutexLock lock(&data_mu_);
    const auto deleted = deleted_.find(taken.series);
    if (deleted != deleted_.end()) deleted->second->RemoveFrom(late);
  }
  MergeSamples(late, out);
  return absl::OkStatus();
}

void Head::EndCut(const HeadCut& cut) {
  for (size_t begin = 0; begin < cut.series.size();) {
    absl::MutexLock lock(&data_mu_);
    const size_t end = std::min(begin + kSeriesPerSlice, cut.series.size());
    for (; begin < end; ++begin) EndCutOf(cut.series[begin]);
  }
  std::vector<ChunkArena::Region> free;
  {
    absl::MutexLock lock(&data_mu_);
    cut_before_ = std::max(cut_before_, cut.before);
    num_late_ = 0;
    UpdateOldest();
    PublishMetrics();
    free = sealed_.TakeFree();
  }
  // Who begins to read now does not find what was dropped.
  absl::MutexLock wait_for_readers(&reclaim_mu_);
  ChunkArena::Free(free, spill_file_.get());
}

void Head::Spill() {
  if (options_.spill_directory.empty()) return;
  const absl::Status spilled = SpillFull();
  if (!spilled.ok() && !spill_failed_) {
    log::Warn("sealed chunks stay in memory", {{"err", spilled.ToString()}});
  }
  spill_failed_ = !spilled.ok();
}

absl::Status Head::SpillFull() {
  std::vector<char*> full;
  {
    absl::ReaderMutexLock lock(&data_mu_);
    full = sealed_.FullRegions();
  }
  if (!full.empty() && spill_file_ == nullptr) {
    ASSIGN_OR_RETURN(spill_file_,
                     SpillFile::Create(options_.spill_directory, ChunkArena::kRegionBytes));
  }
  for (char* const region : full) {
    // Nobody changes it, and only this thread would free it.
    ASSIGN_OR_RETURN(const uint64_t place, spill_file_->Write(region));
    absl::MutexLock wait_for_readers(&reclaim_mu_);
    absl::MutexLock lock(&data_mu_);
    if (absl::Status mapped = spill_file_->Map(place, region); !mapped.ok()) {
      spill_file_->Free(place);
      return mapped;
    }
    sealed_.SetPlace(region, place);
  }
  return absl::OkStatus();
}

void Head::LetSpilledGo() {
  absl::ReaderMutexLock lock(&data_mu_);
  sealed_.LetGo();
}

void Head::EndCutOf(const CutSeries& taken) {
  Series& series = arena_.series(taken.series);
  ChunkChain& sealed = arena_.chunks(taken.series).sealed;
  uint32_t first_kept = SealedEnd(taken.series);
  size_t num_kept = 0;
  for (const ArenaChunk chunk : sealed) {
    if (first_kept <= taken.num_samples) break;
    first_kept -= chunk.count();
    ++num_kept;
  }
  stats_.num_chunks -= sealed.size() - num_kept;
  sealed_.Truncate(num_kept, sealed);
  stats_.num_samples -= first_kept - series.num_dropped;
  series.num_dropped = first_kept;
  if (taken.late != nullptr) {
    stats_.num_samples -= taken.late->num_samples();
    stats_.num_chunks -= series.out_of_order->num_chunks();
    series.out_of_order->DropFrozen();
    stats_.num_chunks += series.out_of_order->num_chunks();
    if (series.out_of_order->empty()) series.out_of_order.reset();
  }
  UpdateMinTime(taken.series);
}

// After samples of a series have gone: where the rest begins, and whether readers still find it.
void Head::UpdateMinTime(uint32_t i) {
  Series& series = arena_.series(i);
  const SeriesChunks& chunks = arena_.chunks(i);
  series.min_time = kMaxTimestamp;
  if (!chunks.sealed.empty()) {
    series.min_time = chunks.sealed.oldest().range().min;
  } else if (chunks.open.size() > 0) {
    series.min_time = chunks.open.first_timestamp();
  } else if (const OpenHistograms* const histograms = FindOpenHistograms(i);
             histograms != nullptr && !histograms->empty()) {
    series.min_time = histograms->first_timestamp();
  }
  if (series.out_of_order != nullptr) {
    series.min_time = std::min(series.min_time, series.out_of_order->min_time());
  }
  if (series.min_time != kMaxTimestamp || !series.is_indexed) return;
  series.is_indexed = false;
  index_.Remove(i, series.label_span());
  deleted_.erase(i);
  ForgetOpenHistograms(i);
  --stats_.num_series;
}

void Head::UpdateOldest() {
  stats_.range.min = kMaxTimestamp;
  for (uint32_t i = 0; i < num_created_.load(); ++i) {
    const Series& series = arena_.series(i);
    if (series.is_indexed) stats_.range.min = std::min(stats_.range.min, series.min_time);
  }
}

void Head::ResumeAfterCut(TimestampMs before, uint64_t covers, uint64_t loaded) {
  absl::MutexLock lock(&data_mu_);
  cut_before_ = before;
  cut_covers_ = covers;
  if (loaded > covers) return;  // old samples of a later checkpoint came after the cut
  FinishIndex();
  HeadCut cut;
  cut.before = before;
  absl::flat_hash_set<TimestampMs> starts;
  for (uint32_t i = 0; i < num_created_.load(); ++i) {
    // A chunk that cannot be read stays, for readers to report.
    BeginCutOf(i, cut, starts).IgnoreError();
  }
  for (const CutSeries& taken : cut.series) EndCutOf(taken);
  UpdateOldest();
}

size_t Head::RetireIdle(TimestampMs before) {
  for (size_t begin = 0; begin < num_created_.load(std::memory_order_acquire);) {
    absl::MutexLock admission(&admission_mu_);
    // With admission closed and every batch applied, a series without samples has none to come.
    const bool applied = LockApplied();
    const size_t end =
        applied ? std::min<size_t>(begin + kSeriesPerSlice, num_created_.load()) : begin;
    for (; begin < end; ++begin) {
      Series& series = arena_.series(static_cast<uint32_t>(begin));
      const uint32_t generation = series.generation.load(std::memory_order_relaxed);
      if (series.is_indexed || generation % 2 == 1 || series.admitted_time >= before) continue;
      const bool was_idle = series.is_idle;
      series.is_idle = true;
      if (!was_idle) continue;
      series.generation.store(generation + 1, std::memory_order_release);
      retired_.push_back(static_cast<uint32_t>(begin));
    }
    data_mu_.Unlock();
    if (!applied) break;
  }
  const absl::flat_hash_set<uint32_t> gone(retired_.begin(), retired_.end());
  if (!gone.empty()) lookup_.EraseIf([&](uint32_t i) { return gone.contains(i); });
  return retired_.size();
}

void Head::FreeRetired() {
  absl::MutexLock creation(&creation_mu_);
  absl::MutexLock data(&data_mu_);
  for (const uint32_t i : retired_) arena_.Remove(i, symbols_);
  metrics_.series_removed.Increment(static_cast<double>(retired_.size()));
  retired_.clear();
}

// During a replay: takes labels and samples from a series, and everybody's way to it.
void Head::Unname(uint32_t i) {
  lookup_.Erase(LabelsOf(arena_.series(i), symbols_), i);
  absl::MutexLock creation(&creation_mu_);
  absl::MutexLock data(&data_mu_);
  Series& series = arena_.series(i);
  SeriesChunks& chunks = arena_.chunks(i);
  FinishIndex();
  if (series.is_indexed) {
    index_.Remove(i, series.label_span());
    deleted_.erase(i);
    --stats_.num_series;
  }
  stats_.num_samples -= series.num_samples - series.num_dropped;
  stats_.num_chunks -= chunks.sealed.size() + (chunks.open.size() > 0 ? 1 : 0);
  if (const OpenHistograms* const histograms = FindOpenHistograms(i)) {
    stats_.num_chunks -= histograms->empty() ? 0 : 1;
    ForgetOpenHistograms(i);
  }
  if (series.out_of_order != nullptr) {
    stats_.num_samples -= series.out_of_order->num_samples();
    stats_.num_chunks -= series.out_of_order->num_chunks();
  }
  sealed_.Truncate(0, chunks.sealed);
  arena_.Clear(i, symbols_);
}

}  // namespace tidemark::tsdb
