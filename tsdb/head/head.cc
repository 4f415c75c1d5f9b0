#include "tsdb/head/head.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

// A chunk of this many samples is sealed: Prometheus's size, which keeps decoding for one step
// cheap and headers small beside the data.
constexpr size_t kSamplesPerChunk = 120;
// How far ahead of the sample in hand memory is asked for.
constexpr size_t kPrefetchDistance = 16;
// Series that retention looks at before it lets appends go on.
constexpr size_t kSeriesPerSlice = 1024;

bool HasLabels(const Series& series, const SymbolTable& symbols, const LabelSet& labels) {
  auto label = labels.begin();
  for (const SymbolTable::PairId id : series.label_span()) {
    if (label == labels.end() || *label != symbols.pair(id)) return false;
    ++label;
  }
  return label == labels.end();
}

}  // namespace

Head::Head(const Options& options, const Clock& clock, MetricRegistry& metrics)
    : options_(options), clock_(clock), metrics_(metrics) {
  stats_.range = {kMaxTimestamp, kMinTimestamp};
}

SeriesRef Head::Find(const Hash128& raw_key) const {
  const std::optional<uint32_t> found = lookup_.FindRaw(raw_key);
  return found ? SeriesRef{uint64_t{*found} + 1} : kNoSeries;
}

absl::StatusOr<SeriesRef> Head::GetOrCreate(const LabelSet& labels, const Hash128* raw_key) {
  if (labels.empty()) return absl::InvalidArgumentError("a series needs at least one label");
  ASSIGN_OR_RETURN(
      const uint32_t number,
      lookup_.FindOrCreate(
          labels, [&](uint32_t i) { return HasLabels(arena_.series(i), symbols_, labels); },
          [&] { return Create(labels); }));
  if (raw_key != nullptr) lookup_.AddRaw(*raw_key, number);
  return SeriesRef{uint64_t{number} + 1};
}

absl::StatusOr<uint32_t> Head::Create(const LabelSet& labels) {
  absl::MutexLock lock(&creation_mu_);
  if (arena_.size() == std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError("the store has given out all series numbers");
  }
  const uint32_t number = arena_.Add();
  arena_.SetLabels(number, labels, symbols_);
  num_created_.store(number + 1, std::memory_order_release);
  metrics_.series_created.Increment();
  return number;
}

void Head::ReplaySeries(const NewSeries& series) {
  absl::StatusOr<LabelSet> labels = LabelSet::FromBytes(std::string(series.labels));
  const auto ref = static_cast<uint64_t>(series.series);
  if (!labels.ok() || ref > std::numeric_limits<uint32_t>::max()) return;
  const uint32_t number = NumberOf(series.series);
  // Series are journaled with their first samples, so not in the order of their numbers.
  absl::MutexLock lock(&creation_mu_);
  while (arena_.size() <= number) arena_.Add();
  num_created_.store(static_cast<uint32_t>(arena_.size()), std::memory_order_release);
  if (arena_.series(number).num_labels > 0) return;
  arena_.SetLabels(number, *labels, symbols_);
  metrics_.series_created.Increment();
}

void Head::Replay(const JournalBatch& batch) {
  absl::MutexLock admission(&admission_mu_);
  for (const NewSeries& s : batch.new_series) {
    ReplaySeries(s);
    const auto labels = LabelSet::FromBytes(std::string(s.labels));
    if (!labels.ok() || static_cast<uint64_t>(s.series) > num_created_.load()) continue;
    const uint32_t number = NumberOf(s.series);
    arena_.series(number).is_journaled = true;
    lookup_
        .FindOrCreate(
            *labels, [&](uint32_t i) { return HasLabels(arena_.series(i), symbols_, *labels); },
            [&]() -> absl::StatusOr<uint32_t> { return number; })
        .IgnoreError();
  }
  std::vector<SeriesSample> known;
  known.reserve(batch.samples.size());
  for (const SeriesSample& sample : batch.samples) {
    const bool is_known = static_cast<uint64_t>(sample.series) <= num_created_.load() &&
                          arena_.series(NumberOf(sample.series)).num_labels > 0;
    if (!is_known) {
      metrics_.unknown_refs.Increment();
      continue;
    }
    Series& series = arena_.series(NumberOf(sample.series));
    if (sample.timestamp > series.admitted_time) {
      series.admitted_time = sample.timestamp;
      series.admitted_bits = std::bit_cast<uint64_t>(sample.value);
      admitted_max_ = std::max(admitted_max_, sample.timestamp);
    }
    known.push_back(sample);
  }
  absl::MutexLock data(&data_mu_);
  Apply(known);
}

void Head::StartJournal(JournalWriter* journal, uint64_t next_number) {
  journal_ = journal;
  absl::MutexLock lock(&data_mu_);
  next_to_apply_ = next_number;
  PublishMetrics();
}

void Head::Apply(std::span<const SeriesSample> samples) {
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i + kPrefetchDistance < samples.size()) {
      const uint32_t next = NumberOf(samples[i + kPrefetchDistance].series);
      __builtin_prefetch(&arena_.series(next), 1);
      __builtin_prefetch(&arena_.chunks(next), 1);
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

void Head::ApplyInOrder(uint32_t i, TimestampMs timestamp, double value) {
  Series& series = arena_.series(i);
  SeriesChunks& chunks = arena_.chunks(i);
  if (!series.is_indexed) {
    series.is_indexed = true;
    index_.Add(i, series.label_span());
    ++stats_.num_series;
  }
  if (chunks.open.size() == 0) ++stats_.num_chunks;
  chunks.open.Append(timestamp, value);
  series.last_time = timestamp;
  series.min_time = std::min(series.min_time, timestamp);
  ++series.num_samples;
  ++stats_.num_samples;
  stats_.range.max = std::max(stats_.range.max, timestamp);
  stats_.range.min = std::min(stats_.range.min, timestamp);
  if (chunks.open.size() < kSamplesPerChunk) return;
  chunks.sealed.emplace_back(TimeRange{chunks.open.first_timestamp(), timestamp},
                             static_cast<uint32_t>(chunks.open.size()), chunks.open.Seal());
  chunks.open = OpenChunk();
}

void Head::ApplyOutOfOrder(uint32_t i, TimestampMs timestamp, double value) {
  // Admission looked, but a batch that was under way beside this one may have brought it.
  const auto known = FindSample(i, timestamp);
  if (!known.ok() || known->has_value()) return;
  Series& series = arena_.series(i);
  if (!series.is_indexed) {
    series.is_indexed = true;
    index_.Add(i, series.label_span());
    ++stats_.num_series;
  }
  if (series.out_of_order == nullptr) series.out_of_order = std::make_unique<OutOfOrder>();
  stats_.num_chunks -= series.out_of_order->num_chunks();
  series.out_of_order->Insert(timestamp, value);
  stats_.num_chunks += series.out_of_order->num_chunks();
  series.min_time = std::min(series.min_time, timestamp);
  ++stats_.num_samples;
  stats_.range.min = std::min(stats_.range.min, timestamp);
  metrics_.out_of_order_appended.Increment();
}

TimestampMs Head::Horizon(TimestampMs newest) const {
  if (options_.retention == 0 || newest == kMinTimestamp) return kMinTimestamp;
  return SaturatingSubtract(newest, options_.retention);
}

void Head::DropExpired() {
  for (size_t begin = 0; begin < num_created_.load(std::memory_order_acquire);) {
    absl::MutexLock lock(&data_mu_);
    const TimestampMs horizon = Horizon(stats_.range.max);
    if (stats_.range.min >= horizon) return;
    const size_t end = std::min<size_t>(begin + kSeriesPerSlice, num_created_.load());
    for (; begin < end; ++begin) DropExpiredOf(static_cast<uint32_t>(begin), horizon);
  }
  TimestampMs min = kMaxTimestamp;
  absl::MutexLock lock(&data_mu_);
  for (uint32_t i = 0; i < num_created_.load(); ++i) {
    if (arena_.series(i).is_indexed) min = std::min(min, arena_.series(i).min_time);
  }
  stats_.range.min = min;
  PublishMetrics();
}

void Head::DropExpiredOf(uint32_t i, TimestampMs horizon) {
  Series& series = arena_.series(i);
  if (!series.is_indexed || series.min_time >= horizon) return;
  SeriesChunks& chunks = arena_.chunks(i);
  const auto kept =
      std::find_if(chunks.sealed.begin(), chunks.sealed.end(),
                   [&](const SealedChunk& chunk) { return chunk.range().max >= horizon; });
  uint32_t num_dropped = 0;
  for (auto it = chunks.sealed.begin(); it != kept; ++it) num_dropped += it->count();
  stats_.num_chunks -= static_cast<uint64_t>(kept - chunks.sealed.begin());
  chunks.sealed.erase(chunks.sealed.begin(), kept);
  if (chunks.open.size() > 0 && series.last_time < horizon) {
    num_dropped += static_cast<uint32_t>(chunks.open.size());
    --stats_.num_chunks;
    chunks.open = OpenChunk();
  }
  series.num_dropped += num_dropped;
  stats_.num_samples -= num_dropped;
  if (series.out_of_order != nullptr) {
    const OutOfOrder::Dropped dropped = series.out_of_order->DropBefore(horizon);
    stats_.num_samples -= dropped.samples;
    stats_.num_chunks -= dropped.chunks;
    if (series.out_of_order->empty()) series.out_of_order.reset();
  }

  series.min_time = kMaxTimestamp;
  if (!chunks.sealed.empty()) {
    series.min_time = chunks.sealed.front().range().min;
  } else if (chunks.open.size() > 0) {
    series.min_time = chunks.open.first_timestamp();
  }
  if (series.out_of_order != nullptr) {
    series.min_time = std::min(series.min_time, series.out_of_order->min_time());
  }
  if (series.min_time != kMaxTimestamp) return;
  series.is_indexed = false;
  index_.Remove(i, series.label_span());
  --stats_.num_series;
}

HeadStats Head::Stats() const {
  absl::ReaderMutexLock lock(&data_mu_);
  HeadStats stats = stats_;
  stats.num_label_pairs = index_.num_pairs();
  return stats;
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
