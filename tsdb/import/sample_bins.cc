#include "tsdb/import/sample_bins.h"

#include <algorithm>

namespace tidemark::tsdb {

size_t SampleBins::EndOfRun(std::span<const uint32_t> capacities, size_t first, size_t group,
                            size_t memory_bytes) {
  size_t end = first;
  for (uint64_t bytes = 0; end < capacities.size(); end += group) {
    for (size_t i = end; i < end + group; ++i) bytes += capacities[i] * sizeof(Sample);
    if (bytes > memory_bytes && end > first) break;
  }
  return end;
}

uint64_t SortSamples(std::span<Sample> samples, SampleColumns& out) {
  out.clear();
  const auto earlier = [](const Sample& a, const Sample& b) { return a.timestamp < b.timestamp; };
  if (!std::is_sorted(samples.begin(), samples.end(), earlier)) {
    std::stable_sort(samples.begin(), samples.end(), earlier);
  }
  for (const Sample& s : samples) {
    if (out.empty() || out.timestamps.back() < s.timestamp) out.push_back(s.timestamp, s.value);
  }
  return samples.size() - out.size();
}

}  // namespace tidemark::tsdb
