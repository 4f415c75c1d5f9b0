#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/head/head.h"
#include "tsdb/querier.h"

// The reading half of Head.

namespace tidemark::tsdb {
namespace {

void Truncate(size_t size, SampleColumns& samples) {
  if (samples.size() <= size) return;
  samples.timestamps.resize(size);
  samples.values.resize(size);
}

// Some samples of a chunk, from its first on.
struct ChunkPart {
  ArenaChunk chunk;
  size_t count;
};

// Those of them outside `range` may be left out.
absl::Status Decode(const ChunkPart& part, TimeRange range, SampleColumns& out) {
  const size_t num_floats = out.size(), num_histograms = out.histograms.size();
  if (part.count == part.chunk.count()) {
    return DecodeChunk(part.chunk.front(), part.chunk.rest(), out, range);
  }
  RETURN_IF_ERROR(DecodeChunk(part.chunk.front(), part.chunk.rest(), out));
  if (out.size() > num_floats) {
    Truncate(num_floats + part.count, out);
  } else {
    out.histograms.Truncate(num_histograms + part.count);
  }
  return absl::OkStatus();
}

}  // namespace

bool Head::MayHaveSamples(uint32_t i, TimeRange range) const {
  const Series& series = arena_.series(i);
  return series.is_indexed && TimeRange{series.min_time, series.last_time}.Overlaps(range);
}

std::optional<LabelSet> Head::Labels(SeriesRef ref) const {
  if (ref == kNoSeries) return std::nullopt;
  const uint32_t number = NumberOf(ref);
  absl::MutexLock lock(&creation_mu_);  // nobody gives the place away meanwhile
  if (number >= num_created_.load(std::memory_order_acquire)) return std::nullopt;
  const Series& series = arena_.series(number);
  // A series that has retired is one generation ahead of its reference.
  const uint32_t age = series.generation.load(std::memory_order_acquire) - GenerationOf(ref);
  if (age > 1 || series.num_labels == 0) return std::nullopt;
  return LabelsOf(series, symbols_);
}

std::vector<SeriesPin> Head::Select(std::span<const LabelMatcher> matchers, TimeRange range) const {
  std::vector<SeriesPin> pins;
  absl::ReaderMutexLock lock(&data_mu_);
  const std::vector<uint32_t> found = index_.Select(matchers).ToVector();
  pins.reserve(found.size());
  for (const uint32_t i : found) {
    if (!MayHaveSamples(i, range)) continue;
    const Series& series = arena_.series(i);
    SeriesPin& pin = pins.emplace_back(
        SeriesPin{i, series.num_samples, nullptr, {series.min_time, series.last_time}});
    if (series.out_of_order != nullptr) {
      pin.out_of_order = std::make_shared<const OutOfOrder>(*series.out_of_order);
    }
  }
  return pins;
}

void Head::SortByLabels(std::vector<SeriesPin>& pins) const {
  std::vector<uint32_t> numbers;
  numbers.reserve(pins.size());
  for (const SeriesPin& pin : pins) numbers.push_back(pin.series);
  std::vector<SeriesPin> sorted;
  sorted.reserve(pins.size());
  for (const uint32_t i : label_ranks_.Order(arena_, symbols_, numbers)) {
    sorted.push_back(std::move(pins[i]));
  }
  pins = std::move(sorted);
}

std::vector<std::string> Head::LabelNames(std::span<const LabelMatcher> matchers,
                                          TimeRange range) const {
  absl::ReaderMutexLock lock(&data_mu_);
  if (matchers.empty() && range == TimeRange()) return index_.Names();
  return index_.NamesOf(index_.Select(matchers).Filter(
      [&](uint32_t i) ABSL_NO_THREAD_SAFETY_ANALYSIS { return MayHaveSamples(i, range); }));
}

std::vector<std::string> Head::LabelValues(std::string_view name,
                                           std::span<const LabelMatcher> matchers,
                                           TimeRange range) const {
  absl::ReaderMutexLock lock(&data_mu_);
  if (matchers.empty() && range == TimeRange()) return index_.Values(name);
  return index_.ValuesOf(
      name, index_.Select(matchers).Filter([&](uint32_t i) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        return MayHaveSamples(i, range);
      }));
}

std::vector<LabelPairCount> Head::LabelPairs() const {
  std::vector<LabelPairCount> pairs;
  absl::ReaderMutexLock lock(&data_mu_);
  pairs.reserve(index_.num_pairs());
  index_.ForEachPair([&](const LabelView& label, size_t num_series) {
    pairs.push_back({std::string(label.name), std::string(label.value), num_series});
  });
  return pairs;
}

absl::Status Head::Read(const SeriesPin& pin, TimeRange range, SampleColumns& out) const {
  out.clear();
  if (range.min > range.max) return absl::OkStatus();
  // Kept from call to call, so that reading allocates nothing in the steady state.
  thread_local std::vector<ChunkPart> sealed;
  thread_local SampleColumns open;
  sealed.clear();
  open.clear();
  std::shared_ptr<const IntervalSet> deleted;
  absl::ReaderMutexLock pinned(&reclaim_mu_);
  {
    absl::ReaderMutexLock lock(&data_mu_);
    if (!deleted_.empty()) {
      const auto found = deleted_.find(pin.series);
      if (found != deleted_.end()) deleted = found->second;
    }
    const SeriesChunks& chunks = arena_.chunks(pin.series);
    const uint32_t sealed_end = SealedEnd(pin.series);
    const size_t left = pin.num_samples - std::min(pin.num_samples, sealed_end);
    uint32_t end = sealed_end;
    for (const ArenaChunk chunk : chunks.sealed) {
      const TimeRange extent = chunk.range();
      if (extent.max < range.min) break;
      const uint32_t begin = end - chunk.count();
      end = std::min(end, pin.num_samples);  // what was sealed since the pin may have more
      if (begin < end && extent.min <= range.max) sealed.push_back({chunk, end - begin});
      end = begin;
    }
    if (const OpenHistograms* const histograms =
            left > 0 ? FindOpenHistograms(pin.series) : nullptr) {
      if (!histograms->empty() && histograms->first_timestamp() <= range.max) {
        histograms->Decode(open.histograms, left, range.min);
      }
    } else if (left > 0 && chunks.open.first_timestamp() <= range.max) {
      chunks.open.Decode(open);
      Truncate(left, open);
    }
  }
  for (size_t i = sealed.size(); i > 0; --i) RETURN_IF_ERROR(Decode(sealed[i - 1], range, out));
  out.timestamps.insert(out.timestamps.end(), open.timestamps.begin(), open.timestamps.end());
  out.values.insert(out.values.end(), open.values.begin(), open.values.end());
  if (out.histograms.empty()) {
    std::swap(out.histograms, open.histograms);
  } else {
    out.histograms.Append(open.histograms);
  }
  KeepRange(range, out);
  if (pin.out_of_order != nullptr) RETURN_IF_ERROR(pin.out_of_order->MergeInto(range, out));
  if (deleted != nullptr) deleted->RemoveFrom(out);
  return absl::OkStatus();
}

absl::Status Head::ReadNewest(const SeriesPin& pin, TimeRange range, SampleColumns& out) const {
  if (pin.out_of_order == nullptr) {
    absl::ReaderMutexLock lock(&data_mu_);
    const OpenChunk& open = arena_.chunks(pin.series).open;
    // Nothing was added since, and nothing taken away.
    const bool as_pinned =
        deleted_.empty() && arena_.series(pin.series).num_samples == pin.num_samples;
    const OpenHistograms* const histograms = as_pinned ? FindOpenHistograms(pin.series) : nullptr;
    if (histograms != nullptr && !histograms->empty() &&
        histograms->last_timestamp() <= range.max) {
      out.clear();
      if (histograms->last_timestamp() >= range.min) {
        out.histograms.push_back(histograms->last_timestamp(), histograms->newest().view());
      }
      return absl::OkStatus();
    }
    if (as_pinned && !open.empty() && open.first_timestamp() <= range.max) {
      out.clear();
      if (open.last_timestamp() <= range.max) {
        out.push_back(open.last_timestamp(), open.last_value());
      } else {
        open.Decode(out);
        KeepRange(range, out);
        KeepNewest(out);
      }
      if (!out.empty() && out.timestamps[0] < range.min) out.clear();
      return absl::OkStatus();
    }
  }
  RETURN_IF_ERROR(Read(pin, range, out));
  KeepNewest(out);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SampleIdentity>> Head::FindSample(uint32_t i,
                                                               TimestampMs timestamp) const {
  const SeriesChunks& chunks = arena_.chunks(i);
  SampleColumns decoded;
  if (!chunks.sealed.empty() && timestamp <= chunks.sealed.newest().range().max) {
    for (const ArenaChunk chunk : chunks.sealed) {
      if (chunk.range().min > timestamp) continue;
      if (chunk.range().Contains(timestamp)) {
        RETURN_IF_ERROR(DecodeChunk(chunk.front(), chunk.rest(), decoded));
      }
      break;
    }
  } else if (const OpenHistograms* const histograms = FindOpenHistograms(i)) {
    histograms->Decode(decoded.histograms);
  } else {
    chunks.open.Decode(decoded);
  }
  KeepRange({timestamp, timestamp}, decoded);
  if (decoded.has_samples()) return IdentityOf(decoded);
  const auto& out_of_order = arena_.series(i).out_of_order;
  if (out_of_order == nullptr) return std::optional<SampleIdentity>();
  return out_of_order->Find(timestamp);
}

}  // namespace tidemark::tsdb
