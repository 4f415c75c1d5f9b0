#include "base/model/histogram_reset.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_buckets.h"
#include "base/model/staleness.h"

namespace tidemark {
namespace {

// Without a branch in the loop: most counters never fall.
bool AnyFell(std::span<const double> now, std::span<const double> before) {
  unsigned fell = 0;
  for (size_t i = 0; i < now.size(); ++i) fell |= now[i] < before[i] ? 1U : 0U;
  return fell != 0;
}

using IndexedCounts = std::vector<std::pair<int64_t, double>>;

// The buckets of one sign beyond the zero bucket, as they are at a lower schema.
IndexedCounts Beyond(double threshold, std::span<const BucketSpan> spans,
                     std::span<const double> counts, int32_t from, int32_t to) {
  const size_t within = NumBucketsWithin(threshold, from, spans);
  IndexedCounts merged;
  BucketReader reader(spans, counts);
  while (reader.Next()) {
    if (reader.place() < within) continue;
    const int64_t index = IndexAtSchema(reader.index(), from, to);
    if (merged.empty() || merged.back().first != index) merged.emplace_back(index, 0);
    merged.back().second += reader.count();
  }
  return merged;
}

bool AnyFell(const IndexedCounts& now, const IndexedCounts& before) {
  size_t i = 0;
  for (const auto& [index, count] : before) {
    while (i < now.size() && now[i].first < index) ++i;
    const bool found = i < now.size() && now[i].first == index;
    if (found ? now[i].second < count : count != 0) return true;
  }
  return false;
}

std::vector<double> CountsAmong(std::span<const double> bounds, const HistogramView& h) {
  const std::vector<uint32_t> places = PlacesAmong(bounds, *h.layout);
  std::vector<double> counts(bounds.size() + 1);
  for (size_t i = 0; i < places.size(); ++i) counts[places[i]] += h.positive_counts[i];
  return counts;
}

bool AnyCustomFell(const HistogramView& now, const HistogramView& before) {
  const std::vector<double> bounds =
      SharedBounds(now.layout->custom_values, before.layout->custom_values);
  return AnyFell(CountsAmong(bounds, now), CountsAmong(bounds, before));
}

bool AnyExponentialFell(const HistogramView& now, const HistogramView& before) {
  const HistogramLayout &layout = *now.layout, &old = *before.layout;
  if (layout.schema > old.schema || layout.zero_threshold < old.zero_threshold) return true;
  const ZeroBucket zero = WidenZeroBucket(old, before.zero_count, before.positive_counts,
                                          before.negative_counts, layout.zero_threshold);
  if (zero.threshold != layout.zero_threshold || now.zero_count < zero.count) return true;
  const auto fell = [&](const std::vector<BucketSpan> HistogramLayout::*spans,
                        std::span<const double> counts, std::span<const double> old_counts) {
    return AnyFell(Beyond(zero.threshold, layout.*spans, counts, layout.schema, layout.schema),
                   Beyond(zero.threshold, old.*spans, old_counts, old.schema, layout.schema));
  };
  return fell(&HistogramLayout::positive_spans, now.positive_counts, before.positive_counts) ||
         fell(&HistogramLayout::negative_spans, now.negative_counts, before.negative_counts);
}

}  // namespace

bool IsCounterReset(const HistogramView& now, const HistogramView& before) {
  if (now.counter_reset_hint == CounterResetHint::kCounterReset) return true;
  if (now.counter_reset_hint == CounterResetHint::kNotCounterReset) return false;
  if (now.count < before.count) return true;
  if (HaveSameLayout(now, before)) {
    return now.zero_count < before.zero_count ||
           AnyFell(now.positive_counts, before.positive_counts) ||
           AnyFell(now.negative_counts, before.negative_counts);
  }
  if (HasCustomBuckets(*now.layout) != HasCustomBuckets(*before.layout)) return true;
  return HasCustomBuckets(*now.layout) ? AnyCustomFell(now, before)
                                       : AnyExponentialFell(now, before);
}

void FindResetHints(HistogramColumns& histograms) {
  HistogramColumns found;
  std::optional<size_t> before;
  for (size_t i = 0; i < histograms.size(); ++i) {
    HistogramView now = histograms[i];
    const bool is_stale = IsStaleMarker(now.sum);
    if (!is_stale && before && now.counter_reset_hint == CounterResetHint::kUnknown) {
      now.counter_reset_hint = IsCounterReset(now, histograms[*before])
                                   ? CounterResetHint::kCounterReset
                                   : CounterResetHint::kNotCounterReset;
    }
    if (!is_stale) before = i;
    found.push_back(histograms.timestamps()[i], now);
  }
  histograms = std::move(found);
}

}  // namespace tidemark
