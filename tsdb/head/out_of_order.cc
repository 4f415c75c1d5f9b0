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

namespace tidemark::tsdb {
namespace {

constexpr size_t kMaxOpenSamples = 120;
constexpr size_t kMaxSealedSamples = 2 * kMaxOpenSamples;

// Sorts two columns by time. Times are unique.
void SortByTime(SampleColumns& samples) {
  std::vector<Sample> pairs(samples.size());
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i] = {samples.timestamps[i], samples.values[i]};
  std::sort(pairs.begin(), pairs.end(),
            [](const Sample& a, const Sample& b) { return a.timestamp < b.timestamp; });
  samples.clear();
  for (const Sample& s : pairs) samples.push_back(s.timestamp, s.value);
}

}  // namespace

void OutOfOrder::Insert(TimestampMs timestamp, double value) {
  const auto at = std::lower_bound(open_.timestamps.begin(), open_.timestamps.end(), timestamp);
  const auto i = at - open_.timestamps.begin();
  open_.timestamps.insert(at, timestamp);
  open_.values.insert(open_.values.begin() + i, value);
  if (open_.size() >= kMaxOpenSamples) SealOpen();
}

// Each sample goes into the first chunk that ends behind it, so that chunks never overlap and a
// time is found by looking into one.
void OutOfOrder::SealOpen() {
  std::vector<SealedChunk> sealed;
  sealed.reserve(sealed_.size() + 2);
  SampleColumns samples;
  size_t next = 0;  // of open_
  for (SealedChunk& chunk : sealed_) {
    samples.clear();
    for (; next < open_.size() && open_.timestamps[next] < chunk.range().max; ++next) {
      samples.push_back(open_.timestamps[next], open_.values[next]);
    }
    // One that cannot be decoded stays, for readers to report.
    const bool merged = !samples.empty() && DecodeChunk(chunk.bytes(), samples).ok();
    if (merged) SortByTime(samples);
    AppendSealed(samples, sealed);
    if (!merged) sealed.push_back(std::move(chunk));
  }
  samples.clear();
  for (; next < open_.size(); ++next) {
    samples.push_back(open_.timestamps[next], open_.values[next]);
  }
  AppendSealed(samples, sealed);
  sealed_ = std::move(sealed);
  open_ = {};
}

// Seals `samples`, which ascend, in chunks of equal size.
void OutOfOrder::AppendSealed(const SampleColumns& samples, std::vector<SealedChunk>& sealed) {
  const size_t num_chunks = (samples.size() + kMaxSealedSamples - 1) / kMaxSealedSamples;
  for (size_t i = 0; i < num_chunks; ++i) {
    const size_t begin = samples.size() * i / num_chunks;
    const size_t count = samples.size() * (i + 1) / num_chunks - begin;
    const auto times = std::span(samples.timestamps).subspan(begin, count);
    std::string bytes;
    EncodeChunk(times, std::span(samples.values).subspan(begin, count), &bytes);
    sealed.emplace_back(TimeRange{times.front(), times.back()}, static_cast<uint32_t>(count),
                        bytes);
  }
}

absl::StatusOr<std::optional<double>> OutOfOrder::Find(TimestampMs timestamp) const {
  SampleColumns found;
  RETURN_IF_ERROR(MergeInto({timestamp, timestamp}, found));
  return found.empty() ? std::nullopt : std::optional<double>(found.values[0]);
}

absl::Status OutOfOrder::MergeInto(TimeRange range, SampleColumns& samples) const {
  const size_t before = samples.size();
  SampleColumns decoded;
  const auto add = [&](const SampleColumns& from) {
    for (size_t i = 0; i < from.size(); ++i) {
      if (range.Contains(from.timestamps[i])) samples.push_back(from.timestamps[i], from.values[i]);
    }
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
  size_t count = open_.size() + (frozen_ == nullptr ? 0 : frozen_->size());
  for (const SealedChunk& chunk : sealed_) count += chunk.count();
  return count;
}

namespace {

// Image, integers little-endian, v = varint:
//   1  version, 1
//   v  number of chunks, then for each: v length, bytes
//   twice, for the samples beside and for those set apart: v number of samples n, 8n times, 8n
//   values
constexpr char kImageVersion = 1;

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

}  // namespace

void OutOfOrder::Save(std::string* out) const {
  out->push_back(kImageVersion);
  AppendVarint(sealed_.size(), out);
  for (const SealedChunk& chunk : sealed_) AppendLengthPrefixed(chunk.bytes(), out);
  AppendColumns(open_, out);
  AppendColumns(frozen_ == nullptr ? SampleColumns() : *frozen_, out);
}

absl::StatusOr<OutOfOrder> OutOfOrder::Load(std::string_view& bytes) {
  if (bytes.empty() || bytes.front() != kImageVersion) return DamagedImage();
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
  if (!ConsumeColumns(bytes, &loaded.open_) || !ConsumeColumns(bytes, &frozen)) {
    return DamagedImage();
  }
  if (!frozen.empty()) loaded.frozen_ = std::make_shared<const SampleColumns>(std::move(frozen));
  return loaded;
}

TimestampMs OutOfOrder::min_time() const {
  TimestampMs min = open_.empty() ? kMaxTimestamp : open_.timestamps.front();
  for (const SealedChunk& chunk : sealed_) min = std::min(min, chunk.range().min);
  if (frozen_ != nullptr) min = std::min(min, frozen_->timestamps.front());
  return min;
}

}  // namespace tidemark::tsdb
