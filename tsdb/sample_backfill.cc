#include "tsdb/sample_backfill.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/status_macros.h"
#include "tsdb/import/label_ranks.h"
#include "tsdb/import/sample_bins.h"

namespace tidemark::tsdb {
namespace {

int64_t Partition(TimestampMs t, DurationMs duration) {
  return t / duration - (t % duration < 0 ? 1 : 0);
}

class Backfill {
 public:
  Backfill(SampleSource& source, DurationMs block_duration, size_t samples_bytes,
           const BlockFactory& new_block, BackfillReport& report)
      : source_(source),
        duration_(block_duration),
        samples_bytes_(samples_bytes),
        new_block_(new_block),
        report_(report) {}

  // Learns the series, how many samples each has and which blocks they make.
  absl::Status Survey() {
    std::vector<uint32_t> counts;
    RETURN_IF_ERROR(source_.Read([&](uint32_t series, TimestampMs timestamp, double /*value*/) {
      if (series >= counts.size()) counts.resize(series + 1);
      ++counts[series];
      partitions_.insert(partitions_.end(), Partition(timestamp, duration_));
    }));
    labels_ = source_.TakeLabels();
    counts.resize(labels_.size());
    rank_ = RankLabels(labels_);
    counts_.resize(labels_.size());
    for (size_t i = 0; i < rank_.size(); ++i) counts_[rank_[i]] += counts[i];
    return absl::OkStatus();
  }

  absl::Status Write() {
    auto next = partitions_.begin();
    while (next != partitions_.end()) {
      std::vector<std::unique_ptr<BlockWriter>> writers;
      std::vector<TimeRange> ranges;
      for (; next != partitions_.end() && writers.size() < kMaxOpenBlocks; ++next) {
        const TimestampMs begin = *next * duration_;
        ranges.push_back({begin, SaturatingAdd(begin, duration_) - 1});
        ASSIGN_OR_RETURN(std::unique_ptr<BlockWriter> writer,
                         new_block_(begin, SaturatingAdd(begin, duration_)));
        writers.push_back(std::move(writer));
      }
      RETURN_IF_ERROR(WriteBlocks(writers, ranges));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status WriteBlocks(const std::vector<std::unique_ptr<BlockWriter>>& writers,
                           const std::vector<TimeRange>& ranges) {
    SampleColumns samples, part;
    for (size_t first = 0, end = 0; first < labels_.size(); first = end) {
      end = SampleBins::EndOfRun(counts_, first, 1, samples_bytes_);
      RETURN_IF_ERROR(Collect(first, end));
      for (size_t series = first; series < end; ++series) {
        const uint64_t num_duplicates = SortSamples(bins_->bin(series - first), samples);
        if (ranges.back().Contains(samples.timestamps.back())) {
          report_.num_duplicates += num_duplicates;  // once, whatever the number of rounds
        }
        for (size_t i = 0; i < ranges.size(); ++i) {
          part = samples;
          KeepRange(ranges[i], part);
          if (!part.empty()) RETURN_IF_ERROR(writers[i]->Add(labels_[series], part));
        }
      }
    }
    for (const std::unique_ptr<BlockWriter>& writer : writers) {
      ASSIGN_OR_RETURN(BlockMeta meta, writer->Finish());
      if (meta.stats.num_series != 0) report_.blocks.push_back(std::move(meta));
    }
    return absl::OkStatus();
  }

  // Reads the samples of the series in [first, end) into bins_, which may hold them already.
  absl::Status Collect(size_t first, size_t end) {
    if (bins_ != nullptr && first == collected_first_ && end == collected_end_)
      return absl::OkStatus();
    bins_.reset();  // before its successor takes memory
    bins_ = std::make_unique<SampleBins>(std::span(counts_).subspan(first, end - first));
    collected_first_ = first;
    collected_end_ = end;
    return source_.Read([&](uint32_t series, TimestampMs timestamp, double value) {
      if (series >= rank_.size()) return;  // not there in the survey
      const uint32_t rank = rank_[series];
      if (rank >= first && rank < end) bins_->Add(rank - first, {timestamp, value});
    });
  }

  SampleSource& source_;
  const DurationMs duration_;
  const size_t samples_bytes_;
  const BlockFactory& new_block_;
  BackfillReport& report_;

  std::set<int64_t> partitions_;
  std::vector<LabelSet> labels_;  // in order, each once
  std::vector<uint32_t> counts_;  // of samples, by place in labels_
  std::vector<uint32_t> rank_;    // the source's number -> place in labels_
  std::unique_ptr<SampleBins> bins_;
  size_t collected_first_ = 0, collected_end_ = 0;
};

}  // namespace

absl::Status BackfillSamples(SampleSource& source, DurationMs block_duration, size_t samples_bytes,
                             const BlockFactory& new_block, BackfillReport& report) {
  Backfill backfill(source, block_duration, samples_bytes, new_block, report);
  RETURN_IF_ERROR(backfill.Survey());
  return backfill.Write();
}

}  // namespace tidemark::tsdb
