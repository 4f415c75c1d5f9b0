#include "base/model/sample.h"

#include <algorithm>

namespace tidemark {

TimeRange SampleColumns::Extent() const {
  TimeRange extent{kMaxTimestamp, kMinTimestamp};
  for (const std::span<const TimestampMs> times :
       {std::span<const TimestampMs>(timestamps), histograms.timestamps()}) {
    if (times.empty()) continue;
    extent = {std::min(extent.min, times.front()), std::max(extent.max, times.back())};
  }
  return extent;
}

void KeepRange(TimeRange range, SampleColumns& samples) {
  samples.histograms.KeepRange(range);
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

namespace {

// The floats of `from` at times where `into` has a histogram, and the other way round, are left
// out: at a time that both have what is in `into` stays.
bool HaveTimesInCommon(std::span<const TimestampMs> a, std::span<const TimestampMs> b) {
  for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a[i] == b[k]) return true;
    a[i] < b[k] ? ++i : ++k;
  }
  return false;
}

SampleColumns WithoutTimesOf(const SampleColumns& from, const SampleColumns& into) {
  SampleColumns kept;
  const auto is_in = [](std::span<const TimestampMs> times, TimestampMs t) {
    return std::binary_search(times.begin(), times.end(), t);
  };
  for (size_t i = 0; i < from.size(); ++i) {
    if (is_in(into.histograms.timestamps(), from.timestamps[i])) continue;
    kept.push_back(from.timestamps[i], from.values[i]);
    if (!from.start_timestamps.empty()) kept.start_timestamps.push_back(from.start_timestamps[i]);
  }
  for (size_t i = 0; i < from.histograms.size(); ++i) {
    const TimestampMs t = from.histograms.timestamps()[i];
    if (!is_in(into.timestamps, t)) kept.histograms.push_back(t, from.histograms[i]);
  }
  return kept;
}

}  // namespace

void MergeSamples(const SampleColumns& from, SampleColumns& into) {
  if (HaveTimesInCommon(from.timestamps, into.histograms.timestamps()) ||
      HaveTimesInCommon(from.histograms.timestamps(), into.timestamps)) {
    return MergeSamples(WithoutTimesOf(from, into), into);
  }
  MergeHistograms(from.histograms, into.histograms);
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
  merged.histograms = std::move(into.histograms);
  into = std::move(merged);
}

}  // namespace tidemark
