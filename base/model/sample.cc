#include "base/model/sample.h"

#include <algorithm>

namespace tidemark {

void KeepRange(TimeRange range, SampleColumns& samples) {
  auto& times = samples.timestamps;
  const auto first = std::lower_bound(times.begin(), times.end(), range.min) - times.begin();
  const auto last = std::upper_bound(times.begin(), times.end(), range.max) - times.begin();
  times.resize(last);
  samples.values.resize(last);
  times.erase(times.begin(), times.begin() + first);
  samples.values.erase(samples.values.begin(), samples.values.begin() + first);
  auto& starts = samples.start_timestamps;
  if (starts.empty()) return;
  starts.resize(last);
  starts.erase(starts.begin(), starts.begin() + first);
}

void MergeSamples(const SampleColumns& from, SampleColumns& into) {
  const bool starts = !from.start_timestamps.empty() || !into.start_timestamps.empty();
  const auto start = [](const SampleColumns& samples, size_t i) {
    return samples.start_timestamps.empty() ? 0 : samples.start_timestamps[i];
  };
  if (into.empty() || from.empty() || into.timestamps.back() < from.timestamps.front()) {
    into.timestamps.insert(into.timestamps.end(), from.timestamps.begin(), from.timestamps.end());
    into.values.insert(into.values.end(), from.values.begin(), from.values.end());
    if (!starts) return;
    into.start_timestamps.resize(into.size() - from.size());
    for (size_t i = 0; i < from.size(); ++i) into.start_timestamps.push_back(start(from, i));
    return;
  }
  SampleColumns merged;
  size_t i = 0, k = 0;
  while (i < into.size() || k < from.size()) {
    if (k == from.size() || (i < into.size() && into.timestamps[i] <= from.timestamps[k])) {
      if (k < from.size() && into.timestamps[i] == from.timestamps[k]) ++k;
      merged.push_back(into.timestamps[i], into.values[i]);
      if (starts) merged.start_timestamps.push_back(start(into, i));
      ++i;
    } else {
      merged.push_back(from.timestamps[k], from.values[k]);
      if (starts) merged.start_timestamps.push_back(start(from, k));
      ++k;
    }
  }
  into = std::move(merged);
}

}  // namespace tidemark
