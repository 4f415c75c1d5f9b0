#include "promql/exec/stored_range.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"

#include "base/model/histogram_reset.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "promql/exec/metric_name.h"

namespace tidemark::promql {

absl::Status StoredRange::Read(size_t i, SampleColumns& out) const {
  RETURN_IF_ERROR(series_->Read(i, out));
  DropStaleMarkers(out);
  if (finds_resets_) FindResetHints(out.histograms);
  return absl::OkStatus();
}

absl::StatusOr<bool> StoredRange::ReadTotals(size_t i, WindowTotals& out) const {
  constexpr DurationMs kLeast = 30 * kMinute;  // chunks are mostly longer
  const bool extended = windows().reach_back != 0 || windows().reach_ahead != 0;
  if (windows().size() != 1 || windows().range < kLeast || extended) return false;
  thread_local std::vector<tsdb::ChunkSummary> chunks;
  thread_local SampleColumns between;
  RETURN_IF_ERROR(series_->ReadSummaries(i, chunks));
  if (chunks.empty()) return false;
  out = {};
  const TimeRange window = windows().Hull();
  bool any_histogram = false;
  const auto read_between = [&](TimeRange range) -> absl::Status {
    if (range.min > range.max) return absl::OkStatus();
    RETURN_IF_ERROR(series_->ReadRange(i, range, between));
    DropStaleMarkers(between);
    out.Add(between);
    any_histogram |= !between.histograms.empty();
    return absl::OkStatus();
  };
  TimestampMs from = window.min;
  const TimeRange extent = series_->Extent(i);
  from = std::max(from, extent.min);
  for (const tsdb::ChunkSummary& chunk : chunks) {
    RETURN_IF_ERROR(read_between({from, SaturatingSubtract(chunk.range.min, 1)}));
    out.Add(chunk);
    from = SaturatingAdd(chunk.range.max, 1);
  }
  RETURN_IF_ERROR(read_between({from, std::min(window.max, extent.max)}));
  return !any_histogram;
}

bool StoredRange::DistinctWithoutNames(QueryContext& query) const {
  std::vector<uint64_t> hashes(series_->size());
  constexpr size_t kSlice = 4096;
  query.pool().ParallelFor((hashes.size() + kSlice - 1) / kSlice, [&](size_t slice) {
    const size_t end = std::min(hashes.size(), (slice + 1) * kSlice);
    for (size_t i = slice * kSlice; i < end; ++i) {
      hashes[i] = HashWithoutMetricName(series_->label_bytes(i));
    }
  });
  absl::flat_hash_set<uint64_t> seen;
  seen.reserve(hashes.size());
  return std::all_of(hashes.begin(), hashes.end(),
                     [&](uint64_t hash) { return seen.insert(hash).second; });
}

void DropStaleMarkers(HistogramColumns& histograms) {
  const auto is_stale = [&](size_t i) { return IsStaleMarker(histograms[i].sum); };
  size_t first = 0;
  while (first < histograms.size() && !is_stale(first)) ++first;
  if (first == histograms.size()) return;
  HistogramColumns kept;
  for (size_t i = 0; i < histograms.size(); ++i) {
    if (!is_stale(i)) kept.push_back(histograms.timestamps()[i], histograms[i]);
  }
  histograms = std::move(kept);
}

void DropStaleMarkers(SampleColumns& samples) {
  DropStaleMarkers(samples.histograms);
  const auto first = std::find_if(samples.values.begin(), samples.values.end(), IsStaleMarker);
  size_t kept = static_cast<size_t>(first - samples.values.begin());
  for (size_t i = kept; i < samples.size(); ++i) {
    if (IsStaleMarker(samples.values[i])) continue;
    samples.timestamps[kept] = samples.timestamps[i];
    samples.values[kept] = samples.values[i];
    if (!samples.start_timestamps.empty()) {
      samples.start_timestamps[kept] = samples.start_timestamps[i];
    }
    ++kept;
  }
  samples.timestamps.resize(kept);
  samples.values.resize(kept);
  if (!samples.start_timestamps.empty()) samples.start_timestamps.resize(kept);
}

}  // namespace tidemark::promql
