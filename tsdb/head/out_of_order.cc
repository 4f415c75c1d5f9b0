#include "tsdb/head/out_of_order.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/codec/histogram_codec.h"
#include "tsdb/codec/histogram_row.h"
#include "tsdb/codec/sample_runs.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kMaxOpenSamples = 120;
constexpr size_t kMaxSealedSamples = 2 * kMaxOpenSamples;

// Sorts the columns of floats by time. Times are unique.
void SortByTime(SampleColumns& samples) {
  std::vector<Sample> pairs(samples.size());
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i] = {samples.timestamps[i], samples.values[i]};
  std::sort(pairs.begin(), pairs.end(),
            [](const Sample& a, const Sample& b) { return a.timestamp < b.timestamp; });
  samples.timestamps.clear();
  samples.values.clear();
  for (const Sample& s : pairs) samples.push_back(s.timestamp, s.value);
}

// How many of `times`, from `begin` on, come before `end`.
size_t CountBefore(std::span<const TimestampMs> times, size_t begin, TimestampMs end) {
  const auto from = times.begin() + static_cast<ptrdiff_t>(begin);
  return static_cast<size_t>(std::lower_bound(from, times.end(), end) - from);
}

// Takes samples off the front of others, as chunks of older ones are made.
class Front {
 public:
  explicit Front(const SampleColumns& samples) : samples_(samples) {}
  // Replaces `out` by those before `end` that were not taken yet.
  void TakeBefore(TimestampMs end, SampleColumns& out) {
    const std::span<const TimestampMs> floats = samples_.timestamps;
    const std::span<const TimestampMs> histograms = samples_.histograms.timestamps();
    Take(CountBefore(floats, float_, end), CountBefore(histograms, histogram_, end), out);
  }
  void TakeRest(SampleColumns& out) {
    Take(samples_.size() - float_, samples_.histograms.size() - histogram_, out);
  }

 private:
  void Take(size_t num_floats, size_t num_histograms, SampleColumns& out) {
    out.clear();
    for (; num_floats > 0; --num_floats, ++float_) {
      out.push_back(samples_.timestamps[float_], samples_.values[float_]);
    }
    for (; num_histograms > 0; --num_histograms, ++histogram_) {
      out.histograms.push_back(samples_.histograms.timestamps()[histogram_],
                               samples_.histograms[histogram_]);
    }
  }

  const SampleColumns& samples_;
  size_t float_ = 0, histogram_ = 0;  // the next ones
};

}  // namespace

void OutOfOrder::Insert(TimestampMs timestamp, double value) {
  const auto at = std::lower_bound(open_.timestamps.begin(), open_.timestamps.end(), timestamp);
  const auto i = at - open_.timestamps.begin();
  open_.timestamps.insert(at, timestamp);
  open_.values.insert(open_.values.begin() + i, value);
  if (open_.num_samples() >= kMaxOpenSamples) SealOpen();
}

void OutOfOrder::Insert(TimestampMs timestamp, const HistogramView& histogram) {
  HistogramColumns one;
  one.push_back(timestamp, histogram);
  one.SetHint(0, HintAfterGap(histogram.counter_reset_hint));
  MergeHistograms(one, open_.histograms);
  if (open_.num_samples() >= kMaxOpenSamples) SealOpen();
}

// Each sample goes into the first chunk that ends behind it, so that chunks never overlap and a
// time is found by looking into one.
void OutOfOrder::SealOpen() {
  std::vector<SealedChunk> sealed;
  sealed.reserve(sealed_.size() + 2);
  SampleColumns samples, decoded;
  Front front(open_);
  for (SealedChunk& chunk : sealed_) {
    front.TakeBefore(chunk.range().max, samples);
    decoded.clear();
    // One that cannot be decoded stays, for readers to report.
    const bool merged = samples.has_samples() && DecodeChunk(chunk.bytes(), decoded).ok();
    if (merged) MergeSamples(decoded, samples);
    AppendSealed(samples, sealed);
    if (!merged) sealed.push_back(std::move(chunk));
  }
  front.TakeRest(samples);
  AppendSealed(samples, sealed);
  sealed_ = std::move(sealed);
  open_ = {};
}

// Seals `samples`, which ascend: each run in chunks of equal size.
void OutOfOrder::AppendSealed(const SampleColumns& samples, std::vector<SealedChunk>& sealed) {
  for (const SampleRun& run : SampleRuns(samples)) {
    const size_t num_chunks = (run.size() + kMaxSealedSamples - 1) / kMaxSealedSamples;
    for (size_t i = 0; i < num_chunks; ++i) {
      const SampleRun part{run.kind, run.begin + run.size() * i / num_chunks,
                           run.begin + run.size() * (i + 1) / num_chunks};
      const auto times = TimesOf(samples, part);
      std::string bytes;
      // So few histograms never have too many buckets.
      EncodeRun(samples, part, &bytes).IgnoreError();
      sealed.emplace_back(TimeRange{times.front(), times.back()},
                          static_cast<uint32_t>(part.size()), bytes);
    }
  }
}
static_assert(kMaxSealedSamples * kMaxHistogramBuckets <= kMaxHistogramCounts);

absl::StatusOr<std::optional<SampleIdentity>> OutOfOrder::Find(TimestampMs timestamp) const {
  SampleColumns found;
  RETURN_IF_ERROR(MergeInto({timestamp, timestamp}, found));
  return found.has_samples() ? std::optional<SampleIdentity>(IdentityOf(found)) : std::nullopt;
}

absl::Status OutOfOrder::MergeInto(TimeRange range, SampleColumns& samples) const {
  const size_t before = samples.size();
  SampleColumns decoded;
  HistogramColumns histograms;
  const auto add = [&](const SampleColumns& from) {
    for (size_t i = 0; i < from.size(); ++i) {
      if (range.Contains(from.timestamps[i])) samples.push_back(from.timestamps[i], from.values[i]);
    }
    if (from.histograms.empty()) return;
    histograms = from.histograms;
    histograms.KeepRange(range);
    MergeHistograms(histograms, samples.histograms);
  };
  auto chunk =
      std::lower_bound(sealed_.begin(), sealed_.end(), range.min,
                       [](const SealedChunk& c, TimestampMs t) { return c.range().max < t; });
  for (; chunk != sealed_.end() && chunk->range().min <= range.max; ++chunk) {
    decoded.clear();
    RETURN_IF_ERROR(DecodeChunk(chunk->bytes(), decoded));
    add(decoded);
  }
  add(open_);
  if (frozen_ != nullptr) add(*frozen_);
  if (samples.size() > before) SortByTime(samples);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const SampleColumns>> OutOfOrder::Freeze(TimestampMs horizon) {
  if (empty() || min_time() >= horizon) return nullptr;
  auto old = std::make_shared<SampleColumns>();
  SampleColumns rest;
  RETURN_IF_ERROR(MergeInto({kMinTimestamp, horizon - 1}, *old));
  RETURN_IF_ERROR(MergeInto({horizon, kMaxTimestamp}, rest));
  sealed_.clear();
  open_ = {};
  AppendSealed(rest, sealed_);
  frozen_ = std::move(old);
  return frozen_;
}

size_t OutOfOrder::num_samples() const {
  size_t count = open_.num_samples() + (frozen_ == nullptr ? 0 : frozen_->num_samples());
  for (const SealedChunk& chunk : sealed_) count += chunk.count();
  return count;
}

namespace {

// Image, integers little-endian, v = varint:
//   1  version, 1; 2 where any of the samples beside or set apart are histograms
//   v  number of chunks, then for each: v length, bytes
//   twice, for the samples beside and for those set apart: v number of floats n, 8n times, 8n
//   values; in version 2 then v number of chunks of histograms, then for each: v length, bytes
constexpr char kImageVersion = 1, kImageWithHistograms = 2;

absl::Status DamagedImage() { return absl::DataLossError("damaged out of order samples"); }

// Columns of samples, ascending.
void AppendColumns(const SampleColumns& samples, std::string* out) {
  AppendVarint(samples.size(), out);
  const size_t bytes = samples.size() * sizeof(int64_t);
  out->append(reinterpret_cast<const char*>(samples.timestamps.data()), bytes);
  out->append(reinterpret_cast<const char*>(samples.values.data()), bytes);
}

bool ConsumeColumns(std::string_view& bytes, SampleColumns* samples) {
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > bytes.size() / (2 * sizeof(int64_t))) return false;
  samples->timestamps.resize(*count);
  samples->values.resize(*count);
  const size_t column = *count * sizeof(int64_t);
  if (column == 0) return true;
  std::memcpy(samples->timestamps.data(), bytes.data(), column);
  std::memcpy(samples->values.data(), bytes.data() + column, column);
  bytes.remove_prefix(2 * column);
  const auto& times = samples->timestamps;
  return std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end();
}

// The histograms of `samples`, as chunks.
void AppendHistograms(const SampleColumns& samples, std::string* out) {
  SampleColumns histograms;
  histograms.histograms = samples.histograms;
  const std::vector<SampleRun> runs = SampleRuns(histograms);
  std::string chunks;
  size_t num_chunks = 0;
  for (const SampleRun& run : runs) {
    for (size_t begin = run.begin; begin < run.end; begin += kMaxSealedSamples, ++num_chunks) {
      std::string chunk;
      EncodeRun(histograms, {run.kind, begin, std::min(run.end, begin + kMaxSealedSamples)}, &chunk)
          .IgnoreError();
      AppendLengthPrefixed(chunk, &chunks);
    }
  }
  AppendVarint(num_chunks, out);
  out->append(chunks);
}

bool ConsumeHistograms(std::string_view& bytes, SampleColumns* samples) {
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > bytes.size()) return false;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<std::string_view> chunk = ConsumeLengthPrefixed(bytes);
    const size_t num_floats = samples->size();
    if (!chunk || !DecodeChunk(*chunk, *samples).ok() || samples->size() > num_floats) return false;
  }
  const auto times = samples->histograms.timestamps();
  return std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end();
}

}  // namespace

void OutOfOrder::Save(std::string* out) const {
  const SampleColumns none;
  const SampleColumns& frozen = frozen_ == nullptr ? none : *frozen_;
  const bool has_histograms = !open_.histograms.empty() || !frozen.histograms.empty();
  out->push_back(has_histograms ? kImageWithHistograms : kImageVersion);
  AppendVarint(sealed_.size(), out);
  for (const SealedChunk& chunk : sealed_) AppendLengthPrefixed(chunk.bytes(), out);
  for (const SampleColumns* samples : {&open_, &frozen}) {
    AppendColumns(*samples, out);
    if (has_histograms) AppendHistograms(*samples, out);
  }
}

absl::StatusOr<OutOfOrder> OutOfOrder::Load(std::string_view& bytes) {
  if (bytes.empty()) return DamagedImage();
  const char version = bytes.front();
  if (version != kImageVersion && version != kImageWithHistograms) return DamagedImage();
  bytes.remove_prefix(1);
  OutOfOrder loaded;
  const std::optional<uint64_t> num_chunks = ConsumeVarint(bytes);
  if (!num_chunks || *num_chunks > bytes.size()) return DamagedImage();
  for (uint64_t i = 0; i < *num_chunks; ++i) {
    const std::optional<std::string_view> chunk = ConsumeLengthPrefixed(bytes);
    if (!chunk) return DamagedImage();
    ASSIGN_OR_RETURN(const ChunkHeader header, ReadChunkHeader(*chunk));
    const TimeRange range{header.min_time, header.max_time};
    const bool ascends = loaded.sealed_.empty() || loaded.sealed_.back().range().max < range.min;
    if (header.num_samples == 0 || range.min > range.max || !ascends) return DamagedImage();
    loaded.sealed_.emplace_back(range, header.num_samples, *chunk);
  }
  SampleColumns frozen;
  for (SampleColumns* samples : {&loaded.open_, &frozen}) {
    if (!ConsumeColumns(bytes, samples)) return DamagedImage();
    if (version == kImageWithHistograms && !ConsumeHistograms(bytes, samples)) {
      return DamagedImage();
    }
  }
  if (frozen.has_samples())
    loaded.frozen_ = std::make_shared<const SampleColumns>(std::move(frozen));
  return loaded;
}

TimestampMs OutOfOrder::min_time() const {
  TimestampMs min = open_.Extent().min;
  for (const SealedChunk& chunk : sealed_) min = std::min(min, chunk.range().min);
  if (frozen_ != nullptr) min = std::min(min, frozen_->Extent().min);
  return min;
}

}  // namespace tidemark::tsdb
