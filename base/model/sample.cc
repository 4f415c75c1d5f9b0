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

}  // namespace tidemark
