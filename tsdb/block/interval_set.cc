#include "tsdb/block/interval_set.h"

#include <algorithm>
#include <utility>

namespace tidemark::tsdb {
namespace {

// Whether `a` ends before `b` starts with at least one time between them.
bool ApartBefore(const TimeRange& a, const TimeRange& b) { return SaturatingAdd(a.max, 1) < b.min; }

// The first of `ranges` that does not end before `t`.
template <typename Ranges>
auto FirstNotBefore(Ranges& ranges, TimestampMs t) {
  return std::lower_bound(ranges.begin(), ranges.end(), t,
                          [](const TimeRange& r, TimestampMs time) { return r.max < time; });
}

}  // namespace

void IntervalSet::Add(TimeRange range) {
  // What it overlaps or touches becomes one with it.
  const auto begin = std::lower_bound(ranges_.begin(), ranges_.end(), range, ApartBefore);
  const auto end = std::upper_bound(begin, ranges_.end(), range, ApartBefore);
  if (begin == end) {
    ranges_.insert(begin, range);
    return;
  }
  begin->min = std::min(begin->min, range.min);
  begin->max = std::max(std::prev(end)->max, range.max);
  ranges_.erase(std::next(begin), end);
}

void IntervalSet::AddAll(const IntervalSet& other) {
  for (const TimeRange& range : other.ranges_) Add(range);
}

void IntervalSet::Remove(TimestampMs t) {
  const auto found = FirstNotBefore(ranges_, t);
  if (found == ranges_.end() || found->min > t) return;
  const TimeRange whole = *found;
  auto at = ranges_.erase(found);
  if (t < whole.max) at = ranges_.insert(at, {t + 1, whole.max});
  if (whole.min < t) ranges_.insert(at, {whole.min, t - 1});
}

bool IntervalSet::Contains(TimestampMs t) const { return Overlaps({t, t}); }

bool IntervalSet::Covers(TimeRange range) const {
  const auto first = FirstNotBefore(ranges_, range.min);
  return first != ranges_.end() && first->min <= range.min && range.max <= first->max;
}

bool IntervalSet::Overlaps(TimeRange range) const {
  const auto first = FirstNotBefore(ranges_, range.min);
  return first != ranges_.end() && first->min <= range.max;
}

void IntervalSet::RemoveFrom(HistogramColumns& histograms) const {
  if (histograms.empty()) return;
  const std::span<const TimestampMs> times = histograms.timestamps();
  if (!Overlaps({times.front(), times.back()})) return;
  HistogramColumns kept;
  bool has_gap = false;
  for (size_t i = 0; i < histograms.size(); ++i) {
    if (Contains(times[i])) {
      has_gap = true;
      continue;
    }
    kept.push_back(times[i], histograms[i]);
    if (std::exchange(has_gap, false)) {
      kept.SetHint(kept.size() - 1, HintAfterGap(histograms[i].counter_reset_hint));
    }
  }
  histograms = std::move(kept);
}

void IntervalSet::RemoveFrom(SampleColumns& samples) const {
  RemoveFrom(samples.histograms);
  if (samples.empty()) return;
  auto range = FirstNotBefore(ranges_, samples.timestamps.front());
  size_t kept = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const TimestampMs t = samples.timestamps[i];
    while (range != ranges_.end() && range->max < t) ++range;
    if (range != ranges_.end() && range->min <= t) continue;
    samples.timestamps[kept] = t;
    samples.values[kept++] = samples.values[i];
  }
  samples.timestamps.resize(kept);
  samples.values.resize(kept);
}

}  // namespace tidemark::tsdb
