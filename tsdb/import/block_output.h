#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/block/block_writer.h"
#include "tsdb/import/prometheus_block.h"

namespace tidemark::tsdb {

// One block that is written from any number of blocks of Prometheus and samples of its head. One
// thread. Memory: that of the blocks and of the writer.
class BlockOutput {
 public:
  // `report` outlives it.
  BlockOutput(std::unique_ptr<BlockWriter> writer,
              std::vector<std::unique_ptr<PrometheusBlock>> sources, ImportReport& report);

  // Adds samples of a series of the head; series come ascending. All samples are in the block's
  // time.
  absl::Status Add(const LabelSet& labels, const SampleColumns& samples);
  // Writes what is left of the sources and finishes the block, which then stands in the report.
  absl::Status Finish();

 private:
  struct Source {
    std::unique_ptr<PrometheusBlock> block;
    LabelSet labels;  // of the series that is next
    SampleColumns samples;
  };

  // Writes the sources' series before `limit`; all where it is null.
  absl::Status WriteSourcesBefore(const LabelSet* limit);
  // Merges the sources' samples of the series `labels` into merged_.
  void TakeSources(const LabelSet& labels);
  void Merge(const SampleColumns& samples);  // into merged_

  const std::unique_ptr<BlockWriter> writer_;
  ImportReport& report_;
  std::vector<Source> sources_;  // those that have a series
  SampleColumns merged_;
};

}  // namespace tidemark::tsdb
