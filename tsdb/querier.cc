#include "tsdb/querier.h"

namespace tidemark::tsdb {

void KeepNewest(SampleColumns& samples) {
  HistogramColumns& histograms = samples.histograms;
  if (!histograms.empty()) {
    const TimestampMs newest = histograms.timestamps().back();
    if (!samples.empty() && samples.timestamps.back() > newest) {
      histograms.clear();
    } else {
      histograms.KeepRange({newest, newest});
      samples.timestamps.clear();
      samples.values.clear();
      samples.start_timestamps.clear();
      return;
    }
  }
  if (samples.size() <= 1) return;
  samples.timestamps.front() = samples.timestamps.back();
  samples.values.front() = samples.values.back();
  samples.timestamps.resize(1);
  samples.values.resize(1);
  if (samples.start_timestamps.empty()) return;
  samples.start_timestamps.front() = samples.start_timestamps.back();
  samples.start_timestamps.resize(1);
}

absl::Status SeriesSet::ReadRange(size_t i, TimeRange range, SampleColumns& out) const {
  const absl::Status read = Read(i, out);
  if (read.ok()) KeepRange(range, out);
  return read;
}

absl::Status SeriesSet::ReadNewest(size_t i, SampleColumns& out) const {
  const absl::Status read = Read(i, out);
  if (read.ok()) KeepNewest(out);
  return read;
}

absl::Status SeriesSet::ReadSummaries(size_t, std::vector<ChunkSummary>& out) const {
  out.clear();
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
