#include "tsdb/import/prometheus_block.h"

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/damage.h"
#include "tsdb/import/histogram_chunk.h"

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
    if (!samples.has_samples()) continue;
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
  chunk_.clear();
  const absl::Status status = DecodePrometheusChunk(chunk->encoding, chunk->data, chunk_);
  if (!status.ok()) {
    return report_.AddDamage(
        absl::DataLossError(StrCat(chunk->place, ": ", ToStd(status.message()))));
  }
  const size_t num_decoded = chunk_.num_samples();
  KeepRange(range_, chunk_);
  if (chunk_.num_samples() != num_decoded) {
    report_.AddDamage(
        absl::DataLossError(StrCat(chunk->place, ": samples outside the time of their block")));
  }
  const size_t num_before = samples.num_samples();
  MergeSamples(chunk_, samples);
  report_.num_duplicate_samples += num_before + chunk_.num_samples() - samples.num_samples();
}

}  // namespace tidemark::tsdb
