#include "tsdb/import/block_output.h"

#include <algorithm>

#include "base/status_macros.h"

namespace tidemark::tsdb {

BlockOutput::BlockOutput(std::unique_ptr<BlockWriter> writer,
                         std::vector<std::unique_ptr<PrometheusBlock>> sources,
                         ImportReport& report)
    : writer_(std::move(writer)), report_(report) {
  for (std::unique_ptr<PrometheusBlock>& block : sources) {
    Source source;
    source.block = std::move(block);
    if (source.block->Next(source.labels, source.samples)) sources_.push_back(std::move(source));
  }
}

absl::Status BlockOutput::Add(const LabelSet& labels, const SampleColumns& samples) {
  RETURN_IF_ERROR(WriteSourcesBefore(&labels));
  merged_.clear();
  TakeSources(labels);
  Merge(samples);
  return writer_->Add(labels, merged_);
}

absl::Status BlockOutput::Finish() {
  RETURN_IF_ERROR(WriteSourcesBefore(nullptr));
  absl::StatusOr<BlockMeta> meta = writer_->Finish();
  RETURN_IF_ERROR(meta.status());
  if (meta->stats.num_series != 0) report_.blocks.push_back(*std::move(meta));
  return absl::OkStatus();
}

absl::Status BlockOutput::WriteSourcesBefore(const LabelSet* limit) {
  while (!sources_.empty()) {
    const auto first =
        std::min_element(sources_.begin(), sources_.end(),
                         [](const Source& a, const Source& b) { return a.labels < b.labels; });
    if (limit != nullptr && first->labels >= *limit) break;
    const LabelSet labels = first->labels;
    merged_.clear();
    TakeSources(labels);
    RETURN_IF_ERROR(writer_->Add(labels, merged_));
  }
  return absl::OkStatus();
}

void BlockOutput::Merge(const SampleColumns& samples) {
  const size_t num_before = merged_.num_samples();
  MergeSamples(samples, merged_);
  report_.num_duplicate_samples += num_before + samples.num_samples() - merged_.num_samples();
}

void BlockOutput::TakeSources(const LabelSet& labels) {
  std::erase_if(sources_, [&](Source& source) {
    if (source.labels != labels) return false;
    Merge(source.samples);
    return !source.block->Next(source.labels, source.samples);
  });
}

}  // namespace tidemark::tsdb
