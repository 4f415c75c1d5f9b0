#include "tsdb/codec/sample_runs.h"

namespace tidemark::tsdb {
namespace {

ChunkKind KindOf(const HistogramColumns& histograms, size_t i) {
  return histograms[i].is_float ? ChunkKind::kFloatHistogram : ChunkKind::kHistogram;
}

}  // namespace

std::vector<SampleRun> SampleRuns(const SampleColumns& samples) {
  const std::span<const TimestampMs> floats = samples.timestamps;
  const std::span<const TimestampMs> histograms = samples.histograms.timestamps();
  std::vector<SampleRun> runs;
  size_t i = 0, k = 0;
  while (i < floats.size() || k < histograms.size()) {
    const bool is_float =
        k == histograms.size() || (i < floats.size() && floats[i] < histograms[k]);
    if (is_float) {
      SampleRun run{ChunkKind::kFloat, i, i};
      while (i < floats.size() && (k == histograms.size() || floats[i] < histograms[k])) ++i;
      run.end = i;
      runs.push_back(run);
      continue;
    }
    SampleRun run{KindOf(samples.histograms, k), k, k};
    while (k < histograms.size() && (i == floats.size() || histograms[k] <= floats[i]) &&
           KindOf(samples.histograms, k) == run.kind) {
      ++k;
    }
    run.end = k;
    runs.push_back(run);
  }
  return runs;
}

std::span<const TimestampMs> TimesOf(const SampleColumns& samples, const SampleRun& run) {
  const std::span<const TimestampMs> times = run.kind == ChunkKind::kFloat
                                                 ? std::span<const TimestampMs>(samples.timestamps)
                                                 : samples.histograms.timestamps();
  return times.subspan(run.begin, run.size());
}

absl::Status EncodeRun(const SampleColumns& samples, const SampleRun& run, std::string* out) {
  if (run.kind != ChunkKind::kFloat) {
    return EncodeChunk(samples.histograms, run.begin, run.end, out);
  }
  EncodeChunk(TimesOf(samples, run), std::span(samples.values).subspan(run.begin, run.size()), out);
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
