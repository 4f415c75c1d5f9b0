#include "tests/testing/memory_blocks.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/strings.h"

namespace tidemark::testing {
namespace {

class MemoryBlockWriter : public tsdb::BlockWriter {
 public:
  MemoryBlockWriter(TimestampMs min_time, TimestampMs max_time, MemoryBlocks& blocks)
      : blocks_(blocks) {
    meta_.min_time = min_time;
    meta_.max_time = max_time;
  }

  absl::Status Add(const LabelSet& labels, const SampleColumns& samples) override {
    EXPECT_LT(last_, labels);
    last_ = labels;
    for (size_t i = 0; i < samples.size(); ++i) {
      EXPECT_TRUE(meta_.range().Contains(samples.timestamps[i]));
      EXPECT_TRUE(i == 0 || samples.timestamps[i - 1] < samples.timestamps[i]);
      lines_.push_back(
          StrCat(labels.ToString(), " ", samples.timestamps[i], " ", samples.values[i]));
    }
    for (size_t i = 0; i < samples.histograms.size(); ++i) {
      const TimestampMs t = samples.histograms.timestamps()[i];
      const HistogramView h = samples.histograms[i];
      EXPECT_TRUE(meta_.range().Contains(t));
      lines_.push_back(StrCat(labels.ToString(), " ", t, " {", h.count, " ", h.sum, "}"));
    }
    if (samples.has_samples()) ++meta_.stats.num_series;
    return absl::OkStatus();
  }
  absl::StatusOr<tsdb::BlockMeta> Finish() override {
    if (!lines_.empty()) {
      EXPECT_TRUE(blocks_.emplace(std::pair(meta_.min_time, meta_.max_time), lines_).second);
    }
    return meta_;
  }

 private:
  MemoryBlocks& blocks_;
  tsdb::BlockMeta meta_;
  LabelSet last_;
  std::vector<std::string> lines_;
};

}  // namespace

tsdb::BlockFactory NewBlocksInMemory(MemoryBlocks& blocks) {
  return [&blocks](TimestampMs min_time, TimestampMs max_time) {
    return std::make_unique<MemoryBlockWriter>(min_time, max_time, blocks);
  };
}

}  // namespace tidemark::testing
