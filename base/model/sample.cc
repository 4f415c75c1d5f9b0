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
}

void MergeSamples(const SampleColumns& from, SampleColumns& into) {
  if (into.empty() || from.empty() || into.timestamps.back() < from.timestamps.front()) {
    into.timestamps.insert(into.timestamps.end(), from.timestamps.begin(), from.timestamps.end());
    into.values.insert(into.values.end(), from.values.begin(), from.values.end());
    return;
  }
  SampleColumns merged;
  size_t i = 0, k = 0;
  while (i < into.size() || k < from.size()) {
    if (k == from.size() || (i < into.size() && into.timestamps[i] <= from.timestamps[k])) {
      if (k < from.size() && into.timestamps[i] == from.timestamps[k]) ++k;
      merged.push_back(into.timestamps[i], into.values[i]);
      ++i;
    } else {
      merged.push_back(from.timestamps[k], from.values[k]);
      ++k;
    }
  }
  into = std::move(merged);
}

}  // namespace tidemark
