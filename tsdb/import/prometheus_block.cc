#include "tsdb/import/prometheus_block.h"

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/damage.h"

namespace tidemark::tsdb {

absl::StatusOr<std::unique_ptr<PrometheusBlock>> PrometheusBlock::Open(const std::string& directory,
                                                                       const PrometheusMeta& meta,
                                                                       ImportReport& report) {
  std::unique_ptr<PrometheusBlock> block(new PrometheusBlock(directory, meta, report));
  ASSIGN_OR_RETURN(block->index_, PrometheusIndex::Open(StrCat(directory, "/index")));
  ASSIGN_OR_RETURN(block->tombstones_, ReadPrometheusTombstones(StrCat(directory, "/tombstones")));
  return block;
}

bool PrometheusBlock::Next(LabelSet& labels, SampleColumns& samples) {
  const auto damage = [this](const absl::Status& status) { report_.AddDamage(status); };
  while (index_->Next(series_, damage)) {
    if (series_.labels <= last_labels_) {
      report_.AddDamage(DamageAt(StrCat(directory_, "/index"), series_.offset,
                                 "series entries are not in order"));
      continue;
    }
    last_labels_ = series_.labels;
    samples.clear();
    ReadSamples(samples);
    if (samples.empty()) continue;
    labels = series_.labels;
    return true;
  }
  return false;
}

void PrometheusBlock::ReadSamples(SampleColumns& samples) {
  for (const IndexedSeries::Chunk& chunk : series_.chunks) ReadChunk(chunk.ref, samples);
  const auto deleted = tombstones_.find(series_.ref);
  if (deleted != tombstones_.end()) deleted->second.RemoveFrom(samples);
}

void PrometheusBlock::ReadChunk(uint64_t ref, SampleColumns& samples) {
  const absl::StatusOr<PrometheusChunks::Chunk> chunk = chunks_.Read(ref);
  if (!chunk.ok()) return report_.AddDamage(chunk.status());
  switch (chunk->encoding) {
    case ChunkEncoding::kXor:
      break;
    case ChunkEncoding::kHistogram:
    case ChunkEncoding::kFloatHistogram:
      ++report_.num_histogram_chunks;
      report_.num_histogram_samples += NumSamplesOfChunk(chunk->data);
      return;
    default:
      return report_.AddDamage(absl::DataLossError(
          StrCat(chunk->place, ": unknown encoding ", static_cast<int>(chunk->encoding))));
  }
  chunk_.clear();
  const absl::Status status = DecodeXorChunk(chunk->data, chunk_);
  if (!status.ok()) {
    return report_.AddDamage(
        absl::DataLossError(StrCat(chunk->place, ": ", ToStd(status.message()))));
  }
  const size_t num_decoded = chunk_.size();
  KeepRange(range_, chunk_);
  if (chunk_.size() != num_decoded) {
    report_.AddDamage(
        absl::DataLossError(StrCat(chunk->place, ": samples outside the time of their block")));
  }
  const size_t num_before = samples.size();
  MergeSamples(chunk_, samples);
  report_.num_duplicate_samples += num_before + chunk_.size() - samples.size();
}

}  // namespace tidemark::tsdb
