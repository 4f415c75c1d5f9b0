#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/model/sample.h"

namespace tidemark::tsdb {

// Samples sorted into bins whose sizes are known beforehand: one allocation, 16 bytes a sample. One
// thread.
class SampleBins {
 public:
  explicit SampleBins(std::span<const uint32_t> capacities) : begins_(capacities.size() + 1) {
    for (size_t i = 0; i < capacities.size(); ++i) begins_[i + 1] = begins_[i] + capacities[i];
    ends_.assign(begins_.begin(), begins_.end() - 1);
    samples_.resize(begins_.back());
  }

  // A sample that is more than its bin was to hold is dropped.
  void Add(size_t bin, const Sample& sample) {
    if (ends_[bin] < begins_[bin + 1]) samples_[ends_[bin]++] = sample;
  }
  // What has come into a bin, in order of Add.
  std::span<Sample> bin(size_t i) {
    return {samples_.data() + begins_[i], samples_.data() + ends_[i]};
  }

  // Where the run of bins ends that begins at `first`, takes at most `memory_bytes` and consists of
  // whole groups of `group` bins; at least one.
  static size_t EndOfRun(std::span<const uint32_t> capacities, size_t first, size_t group,
                         size_t memory_bytes);

 private:
  std::vector<uint64_t> begins_, ends_;  // in samples_, by bin
  std::vector<Sample> samples_;
};

// Replaces `out` by `samples`, sorted by time; of those of one time the one that stood first.
// `samples` are left in another order. The number of those left out.
uint64_t SortSamples(std::span<Sample> samples, SampleColumns& out);

}  // namespace tidemark::tsdb
