#include "promql/histograms/combine.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"

#include "base/model/histogram_bounds.h"
#include "base/model/histogram_buckets.h"
#include "base/model/histogram_resolution.h"
#include "promql/histograms/compensated_add.h"

namespace tidemark::promql {
namespace {

// The buckets from number `begin` to before `end`, whose counts stand from `place` on.
struct Run {
  int64_t begin = 0, end = 0;
  size_t place = 0;
};
using Runs = absl::InlinedVector<Run, 8>;

Runs RunsOf(std::span<const BucketSpan> spans) {
  Runs runs;
  int64_t index = 0;
  size_t place = 0;
  for (const BucketSpan& span : spans) {
    index += span.offset;
    if (span.length == 0) continue;
    if (!runs.empty() && runs.back().end == index) {
      runs.back().end += span.length;
    } else {
      runs.push_back({index, index + span.length, place});
    }
    index += span.length;
    place += span.length;
  }
  return runs;
}

bool Contains(const Runs& all, const Runs& some) {
  size_t i = 0;
  for (const Run& run : some) {
    while (i < all.size() && all[i].end < run.end) ++i;
    if (i == all.size() || run.begin < all[i].begin) return false;
  }
  return true;
}

// The buckets that are in either.
Runs Union(const Runs& a, const Runs& b) {
  Runs merged;
  size_t i = 0, k = 0;
  while (i < a.size() || k < b.size()) {
    const bool take_a = k == b.size() || (i < a.size() && a[i].begin <= b[k].begin);
    const Run& next = take_a ? a[i++] : b[k++];
    if (!merged.empty() && next.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, next.end);
      continue;
    }
    const size_t place =
        merged.empty()
            ? 0
            : merged.back().place + static_cast<size_t>(merged.back().end - merged.back().begin);
    merged.push_back({next.begin, next.end, place});
  }
  return merged;
}

size_t NumBuckets(const Runs& runs) {
  return runs.empty()
             ? 0
             : runs.back().place + static_cast<size_t>(runs.back().end - runs.back().begin);
}

std::vector<BucketSpan> SpansOf(const Runs& runs) {
  std::vector<BucketSpan> spans;
  spans.reserve(runs.size());
  int64_t end = 0;
  for (const Run& run : runs) {
    spans.push_back(
        {static_cast<int32_t>(run.begin - end), static_cast<uint32_t>(run.end - run.begin)});
    end = run.end;
  }
  return spans;
}

// Calls fn(place in `all`, place in `some`, number of buckets) for each run of `some`, which `all`
// contains.
template <typename Fn>
void ForEachRun(const Runs& all, const Runs& some, Fn fn) {
  size_t i = 0;
  for (const Run& run : some) {
    while (all[i].end < run.end) ++i;
    fn(all[i].place + static_cast<size_t>(run.begin - all[i].begin), run.place,
       static_cast<size_t>(run.end - run.begin));
  }
}

// sum += value, what rounding loses to `lost` where that is not null.
void AddValue(double value, double& sum, double* lost) {
  if (lost == nullptr) {
    sum += value;
  } else {
    AddCompensated(value, sum, *lost);
  }
}

// The same of each of sign * values; with `lost` the sign is 1.
void AddValues(const double* values, size_t count, double sign, double* sums, double* lost) {
  if (lost != nullptr) return AddEachCompensated(values, count, sums, lost);
  for (size_t i = 0; i < count; ++i) sums[i] += sign * values[i];
}

// One sign of the histogram that is added to.
struct Side {
  std::vector<double>& counts;
  std::vector<double>* lost;  // where sums are compensated

  double* LostAt(size_t place) const { return lost == nullptr ? nullptr : lost->data() + place; }
};

// Gives a side that has the buckets of `from` those of `to`, which contains them.
void Spread(const Runs& from, const Runs& to, std::vector<double>& counts) {
  std::vector<double> spread(NumBuckets(to));
  ForEachRun(to, from, [&](size_t place, size_t old_place, size_t count) {
    std::copy_n(counts.begin() + static_cast<std::ptrdiff_t>(old_place), count,
                spread.begin() + static_cast<std::ptrdiff_t>(place));
  });
  counts = std::move(spread);
}

void AddSide(const Runs& to, const Side& side, const Runs& from, std::span<const double> counts,
             double sign) {
  ForEachRun(to, from, [&](size_t place, size_t from_place, size_t count) {
    AddValues(counts.data() + from_place, count, sign, side.counts.data() + place,
              side.LostAt(place));
  });
}

// Calls fn(place in `all`, place in `some`, number of buckets) for each span of `some` that has
// buckets; false at the first that is not within one span of `all`.
template <typename Fn>
bool ForEachSpanWithin(std::span<const BucketSpan> all, std::span<const BucketSpan> some, Fn fn) {
  Run outer;
  size_t next = 0;  // span of `all`
  int64_t index = 0;
  size_t place = 0;
  for (const BucketSpan& span : some) {
    index += span.offset;
    const int64_t end = index + span.length;
    while (span.length > 0 && outer.end < end) {
      if (next == all.size()) return false;
      const int64_t begin = outer.end + all[next].offset;
      outer = {begin, begin + all[next].length,
               outer.place + static_cast<size_t>(outer.end - outer.begin)};
      ++next;
    }
    if (span.length > 0) {
      if (index < outer.begin) return false;
      fn(outer.place + static_cast<size_t>(index - outer.begin), place, size_t{span.length});
    }
    index = end;
    place += span.length;
  }
  return true;
}

// False also where one of `some` reaches over two neighbours in `all`.
bool AreWithin(std::span<const BucketSpan> all, std::span<const BucketSpan> some) {
  return ForEachSpanWithin(all, some, [](size_t, size_t, size_t) {});
}

// AddSide where AreWithin.
void AddWithin(std::span<const BucketSpan> spans, const Side& side,
               std::span<const BucketSpan> from, std::span<const double> counts, double sign) {
  ForEachSpanWithin(spans, from, [&](size_t place, size_t from_place, size_t count) {
    AddValues(counts.data() + from_place, count, sign, side.counts.data() + place,
              side.LostAt(place));
  });
}

// AddSide with `spans`, those of `side`, growing by the buckets it does not have.
void MergeSide(std::vector<BucketSpan>& spans, const Side& side,
               std::span<const BucketSpan> from_spans, std::span<const double> counts,
               double sign) {
  const Runs from = RunsOf(from_spans);
  Runs to = RunsOf(spans);
  if (!Contains(to, from)) {
    const Runs all = Union(to, from);
    Spread(to, all, side.counts);
    if (side.lost != nullptr) Spread(to, all, *side.lost);
    spans = SpansOf(all);
    to = all;
  }
  AddSide(to, side, from, counts, sign);
}

void DropFirst(size_t count, std::vector<BucketSpan>& spans) {
  int64_t offset = 0;
  size_t gone = 0;
  for (; gone < spans.size() && count >= spans[gone].length; ++gone) {
    count -= spans[gone].length;
    offset += int64_t{spans[gone].offset} + spans[gone].length;
  }
  spans.erase(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(gone));
  if (spans.empty()) return;
  spans.front().offset =
      static_cast<int32_t>(spans.front().offset + offset + static_cast<int64_t>(count));
  spans.front().length -= static_cast<uint32_t>(count);
}

void DropFirst(size_t count, std::vector<double>& counts) {
  counts.erase(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(count));
}

// The buckets of one sign of the histogram that is added, as they are changed.
struct OwnedSide {
  std::vector<BucketSpan> spans;
  std::vector<double> counts;
};

// Adds up what falls into one bucket.
std::vector<double> Gather(std::span<const double> counts, std::span<const uint32_t> places,
                           size_t num_buckets) {
  std::vector<double> sums(num_buckets);
  for (size_t i = 0; i < places.size(); ++i) sums[places[i]] += counts[i];
  return sums;
}

CounterResetHint CombinedHint(CounterResetHint a, CounterResetHint b, CombineNotes& notes) {
  using enum CounterResetHint;
  if (a == b) return a;
  if (a == kGauge || b == kGauge) return kGauge;
  if (a != kUnknown && b != kUnknown) notes.conflicting_resets = true;
  return kUnknown;
}

// One histogram that another is added to.
class Combination {
 public:
  Combination(FloatHistogramSample& to, FloatHistogramSample* lost) : to_(to), lost_(lost) {}

  bool Add(const HistogramView& from, double sign, CombineNotes& notes) {
    if (HasCustomBuckets(*to_.layout) != HasCustomBuckets(*from.layout)) return false;
    to_.counter_reset_hint = CombinedHint(to_.counter_reset_hint, from.counter_reset_hint, notes);
    AddValue(sign * from.count, to_.count, lost_ ? &lost_->count : nullptr);
    AddValue(sign * from.sum, to_.sum, lost_ ? &lost_->sum : nullptr);
    if (HaveSameLayout(ViewOf(to_), from)) {
      AddZero(sign * from.zero_count);
      AddValues(from.positive_counts.data(), from.positive_counts.size(), sign,
                to_.positive_counts.data(), Positive().LostAt(0));
      AddValues(from.negative_counts.data(), from.negative_counts.size(), sign,
                to_.negative_counts.data(), Negative().LostAt(0));
    } else if (to_.layout->schema != from.layout->schema ||
               to_.layout->zero_threshold != from.layout->zero_threshold) {
      AddReconciled(from, sign);
    } else if (to_.layout->custom_values != from.layout->custom_values) {
      notes.bounds_reconciled = true;
      AddSharedBounds(from, sign);
    } else {
      AddSpans(from, sign);
    }
    return true;
  }

 private:
  Side Positive() const { return {to_.positive_counts, lost_ ? &lost_->positive_counts : nullptr}; }
  Side Negative() const { return {to_.negative_counts, lost_ ? &lost_->negative_counts : nullptr}; }
  void AddZero(double count) {
    AddValue(count, to_.zero_count, lost_ ? &lost_->zero_count : nullptr);
  }
  void SetLayout(HistogramLayout layout) {
    to_.layout = std::make_shared<const HistogramLayout>(std::move(layout));
    if (lost_ != nullptr) lost_->layout = to_.layout;
  }

  // Where only the spans differ.
  void AddSpans(const HistogramView& from, double sign) {
    AddZero(sign * from.zero_count);
    const auto &positive = to_.layout->positive_spans, &negative = to_.layout->negative_spans;
    if (AreWithin(positive, from.layout->positive_spans) &&
        AreWithin(negative, from.layout->negative_spans)) {
      AddWithin(positive, Positive(), from.layout->positive_spans, from.positive_counts, sign);
      AddWithin(negative, Negative(), from.layout->negative_spans, from.negative_counts, sign);
      return;
    }
    HistogramLayout layout = *to_.layout;
    MergeSide(layout.positive_spans, Positive(), from.layout->positive_spans, from.positive_counts,
              sign);
    MergeSide(layout.negative_spans, Negative(), from.layout->negative_spans, from.negative_counts,
              sign);
    SetLayout(std::move(layout));
  }

  void AddSharedBounds(const HistogramView& from, double sign) {
    HistogramLayout layout;
    layout.schema = kCustomBucketsSchema;
    layout.custom_values = SharedBounds(to_.layout->custom_values, from.layout->custom_values);
    const size_t num_buckets = layout.custom_values.size() + 1;
    layout.positive_spans = {{0, static_cast<uint32_t>(num_buckets)}};
    const std::vector<uint32_t> places = PlacesAmong(layout.custom_values, *to_.layout);
    to_.positive_counts = Gather(to_.positive_counts, places, num_buckets);
    if (lost_ != nullptr) {
      lost_->positive_counts = Gather(lost_->positive_counts, places, num_buckets);
    }
    const std::vector<double> counts =
        Gather(from.positive_counts, PlacesAmong(layout.custom_values, *from.layout), num_buckets);
    AddValues(counts.data(), num_buckets, sign, to_.positive_counts.data(), Positive().LostAt(0));
    SetLayout(std::move(layout));
  }

  void AddReconciled(const HistogramView& from, double sign) {
    HistogramLayout layout = *to_.layout;
    ZeroBucket zero = {from.layout->zero_threshold, from.zero_count};
    while (layout.zero_threshold < zero.threshold || zero.threshold < layout.zero_threshold) {
      if (zero.threshold < layout.zero_threshold) {
        zero = WidenZeroBucket(*from.layout, from.zero_count, from.positive_counts,
                               from.negative_counts, layout.zero_threshold);
      }
      if (layout.zero_threshold < zero.threshold) WidenZero(zero.threshold, layout);
    }
    AddZero(sign * zero.count);
    const int32_t schema = std::min(layout.schema, from.layout->schema);
    ReduceTo(schema, layout);
    const auto outside = [&](const std::vector<BucketSpan>& spans, std::span<const double> counts) {
      OwnedSide side = {spans, {counts.begin(), counts.end()}};
      const size_t within = NumBucketsWithin(layout.zero_threshold, from.layout->schema, spans);
      DropFirst(within, side.spans);
      DropFirst(within, side.counts);
      ReducedSpans reduced = ReduceSpans(side.spans, from.layout->schema, schema);
      side.counts = Gather(side.counts, reduced.places, reduced.num_buckets);
      side.spans = std::move(reduced.spans);
      return side;
    };
    const OwnedSide positive = outside(from.layout->positive_spans, from.positive_counts);
    const OwnedSide negative = outside(from.layout->negative_spans, from.negative_counts);
    MergeSide(layout.positive_spans, Positive(), positive.spans, positive.counts, sign);
    MergeSide(layout.negative_spans, Negative(), negative.spans, negative.counts, sign);
    SetLayout(std::move(layout));
  }

  // The buckets that the wider zero bucket holds go.
  void WidenZero(double threshold, HistogramLayout& layout) {
    const ZeroBucket zero = WidenZeroBucket(layout, to_.zero_count, to_.positive_counts,
                                            to_.negative_counts, threshold);
    to_.zero_count = zero.count;
    layout.zero_threshold = zero.threshold;
    const auto drop = [&](std::vector<BucketSpan>& spans, const Side& side) {
      const size_t within = NumBucketsWithin(zero.threshold, layout.schema, spans);
      DropFirst(within, spans);
      DropFirst(within, side.counts);
      if (side.lost == nullptr) return;
      for (size_t i = 0; i < within; ++i) lost_->zero_count += (*side.lost)[i];
      DropFirst(within, *side.lost);
    };
    drop(layout.positive_spans, Positive());
    drop(layout.negative_spans, Negative());
  }

  void ReduceTo(int32_t schema, HistogramLayout& layout) {
    if (schema == layout.schema) return;
    const auto reduce = [&](std::vector<BucketSpan>& spans, const Side& side) {
      ReducedSpans reduced = ReduceSpans(spans, layout.schema, schema);
      side.counts = Gather(side.counts, reduced.places, reduced.num_buckets);
      if (side.lost != nullptr) {
        *side.lost = Gather(*side.lost, reduced.places, reduced.num_buckets);
      }
      spans = std::move(reduced.spans);
    };
    reduce(layout.positive_spans, Positive());
    reduce(layout.negative_spans, Negative());
    layout.schema = schema;
  }

  FloatHistogramSample& to_;
  FloatHistogramSample* const lost_;
};

template <typename Fn>
void ForEachNumber(FloatHistogramSample& h, Fn fn) {
  fn(h.count);
  fn(h.zero_count);
  fn(h.sum);
  for (double& count : h.positive_counts) fn(count);
  for (double& count : h.negative_counts) fn(count);
}

bool AnyEmpty(const std::vector<double>& counts) {
  return std::find(counts.begin(), counts.end(), 0) != counts.end();
}

// The spans of the buckets that are left.
std::vector<BucketSpan> CompactSide(std::span<const BucketSpan> spans,
                                    std::vector<double>& counts) {
  std::vector<BucketSpan> kept;
  size_t num_kept = 0;
  int64_t end = 0;  // of the buckets kept
  BucketReader reader(spans, counts);
  while (reader.Next()) {
    const double count = reader.count();
    if (count == 0) continue;
    if (!kept.empty() && end == reader.index()) {
      ++kept.back().length;
    } else {
      kept.push_back({static_cast<int32_t>(reader.index() - end), 1});
    }
    end = reader.index() + 1;
    counts[num_kept++] = count;
  }
  counts.resize(num_kept);
  return kept;
}

}  // namespace

bool Add(const HistogramView& b, FloatHistogramSample& a, CombineNotes& notes) {
  return Combination(a, nullptr).Add(b, 1, notes);
}

bool Subtract(const HistogramView& b, FloatHistogramSample& a, CombineNotes& notes) {
  return Combination(a, nullptr).Add(b, -1, notes);
}

bool AddCompensated(const HistogramView& b, FloatHistogramSample& a, FloatHistogramSample& lost,
                    CombineNotes& notes) {
  return Combination(a, &lost).Add(b, 1, notes);
}

FloatHistogramSample LostOf(const FloatHistogramSample& a) {
  FloatHistogramSample lost;
  lost.counter_reset_hint = a.counter_reset_hint;
  lost.layout = a.layout;
  lost.positive_counts.resize(a.positive_counts.size());
  lost.negative_counts.resize(a.negative_counts.size());
  return lost;
}

void Multiply(double factor, FloatHistogramSample& histogram) {
  ForEachNumber(histogram, [&](double& number) { number *= factor; });
  if (factor < 0) histogram.counter_reset_hint = CounterResetHint::kGauge;
}

void Divide(double divisor, FloatHistogramSample& histogram) {
  ForEachNumber(histogram, [&](double& number) { number /= divisor; });
  if (divisor < 0) histogram.counter_reset_hint = CounterResetHint::kGauge;
  if (divisor != 0) return;
  HistogramLayout layout = *histogram.layout;
  layout.positive_spans.clear();
  layout.negative_spans.clear();
  histogram.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  histogram.positive_counts.clear();
  histogram.negative_counts.clear();
}

void Compact(FloatHistogramSample& histogram) {
  if (!AnyEmpty(histogram.positive_counts) && !AnyEmpty(histogram.negative_counts)) return;
  const HistogramLayout& before = *histogram.layout;
  HistogramLayout layout;
  layout.schema = before.schema;
  layout.zero_threshold = before.zero_threshold;
  layout.custom_values = before.custom_values;
  layout.positive_spans = CompactSide(before.positive_spans, histogram.positive_counts);
  layout.negative_spans = CompactSide(before.negative_spans, histogram.negative_counts);
  histogram.layout = std::make_shared<const HistogramLayout>(std::move(layout));
}

}  // namespace tidemark::promql
