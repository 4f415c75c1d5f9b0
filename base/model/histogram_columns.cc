#include "base/model/histogram_columns.h"

#include <algorithm>
#include <utility>

#include "base/model/sample.h"

namespace tidemark {
namespace {

bool SameCounts(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double left, double right) { return SameBits(left, right); });
}

bool SameLayout(const std::shared_ptr<const HistogramLayout>& a,
                const std::shared_ptr<const HistogramLayout>& b) {
  return a == b || SameBits(*a, *b);
}

template <typename Count>
void PushBack(TimestampMs timestamp, const BasicHistogramSample<Count>& h, bool is_float,
              HistogramColumns& out) {
  const HistogramColumns::NewRow row =
      out.Add(timestamp, h.layout, h.counter_reset_hint, is_float, static_cast<double>(h.count),
              static_cast<double>(h.zero_count), h.sum);
  const auto to_double = [](Count count) { return static_cast<double>(count); };
  std::transform(h.positive_counts.begin(), h.positive_counts.end(), row.positive_counts.begin(),
                 to_double);
  std::transform(h.negative_counts.begin(), h.negative_counts.end(), row.negative_counts.begin(),
                 to_double);
}

template <typename Count>
BasicHistogramSample<Count> ToSample(const HistogramView& h) {
  const auto to_count = [](double count) { return static_cast<Count>(count); };
  BasicHistogramSample<Count> sample;
  sample.counter_reset_hint = h.counter_reset_hint;
  sample.layout = h.layout;
  sample.count = to_count(h.count);
  sample.zero_count = to_count(h.zero_count);
  sample.sum = h.sum;
  sample.positive_counts.resize(h.positive_counts.size());
  sample.negative_counts.resize(h.negative_counts.size());
  std::transform(h.positive_counts.begin(), h.positive_counts.end(), sample.positive_counts.begin(),
                 to_count);
  std::transform(h.negative_counts.begin(), h.negative_counts.end(), sample.negative_counts.begin(),
                 to_count);
  return sample;
}

}  // namespace

size_t NumBuckets(std::span<const BucketSpan> spans) {
  size_t count = 0;
  for (const BucketSpan& span : spans) count += span.length;
  return count;
}

HistogramView HistogramColumns::operator[](size_t i) const {
  const Row& row = rows_[i];
  const auto buckets = std::span(buckets_).subspan(row.first_bucket);
  return {layouts_[row.layout],
          row.hint,
          row.is_float,
          row.count,
          row.zero_count,
          row.sum,
          buckets.first(row.num_positive),
          buckets.subspan(row.num_positive, row.num_negative),
          starts_.empty() ? 0 : starts_[i]};
}

void HistogramColumns::clear() {
  timestamps_.clear();
  starts_.clear();
  rows_.clear();
  layouts_.clear();
  buckets_.clear();
}

void HistogramColumns::UseLayout(const std::shared_ptr<const HistogramLayout>& layout) {
  if (layouts_.empty() || !SameLayout(layouts_.back(), layout)) layouts_.push_back(layout);
}

HistogramColumns::NewRow HistogramColumns::Add(TimestampMs timestamp,
                                               const std::shared_ptr<const HistogramLayout>& layout,
                                               CounterResetHint hint, bool is_float, double count,
                                               double zero_count, double sum) {
  UseLayout(layout);
  Row row;
  row.layout = static_cast<uint32_t>(layouts_.size() - 1);
  row.hint = hint;
  row.is_float = is_float;
  if (!rows_.empty() && rows_.back().layout == row.layout) {
    row.num_positive = rows_.back().num_positive;
    row.num_negative = rows_.back().num_negative;
  } else {
    row.num_positive = static_cast<uint32_t>(NumBuckets(layout->positive_spans));
    row.num_negative = static_cast<uint32_t>(NumBuckets(layout->negative_spans));
  }
  row.first_bucket = buckets_.size();
  row.count = count;
  row.zero_count = zero_count;
  row.sum = sum;
  timestamps_.push_back(timestamp);
  if (!starts_.empty()) starts_.push_back(0);
  rows_.push_back(row);
  buckets_.resize(buckets_.size() + row.num_positive + row.num_negative);
  const auto buckets = std::span(buckets_).subspan(row.first_bucket);
  return {buckets.first(row.num_positive), buckets.subspan(row.num_positive)};
}

void HistogramColumns::Append(const HistogramColumns& later) {
  size_t layout = SIZE_MAX;  // in later.layouts_, of the row before
  const size_t first_row = rows_.size(), first_bucket = buckets_.size();
  if (!later.starts_.empty() || !starts_.empty()) {
    starts_.resize(size());
    starts_.insert(starts_.end(), later.starts_.begin(), later.starts_.end());
    starts_.resize(size() + later.size());
  }
  timestamps_.insert(timestamps_.end(), later.timestamps_.begin(), later.timestamps_.end());
  buckets_.insert(buckets_.end(), later.buckets_.begin(), later.buckets_.end());
  rows_.insert(rows_.end(), later.rows_.begin(), later.rows_.end());
  for (Row& row : std::span(rows_).subspan(first_row)) {
    if (row.layout != layout) UseLayout(later.layouts_[row.layout]);
    layout = row.layout;
    row.layout = static_cast<uint32_t>(layouts_.size() - 1);
    row.first_bucket += first_bucket;
  }
}

void HistogramColumns::push_back(TimestampMs timestamp, const HistogramView& h) {
  const NewRow row =
      Add(timestamp, h.layout, h.counter_reset_hint, h.is_float, h.count, h.zero_count, h.sum);
  std::copy(h.positive_counts.begin(), h.positive_counts.end(), row.positive_counts.begin());
  std::copy(h.negative_counts.begin(), h.negative_counts.end(), row.negative_counts.begin());
  if (h.start_timestamp != 0) SetStart(size() - 1, h.start_timestamp);
}

void HistogramColumns::push_back(TimestampMs timestamp, const HistogramSample& histogram) {
  PushBack(timestamp, histogram, false, *this);
}

void HistogramColumns::push_back(TimestampMs timestamp, const FloatHistogramSample& histogram) {
  PushBack(timestamp, histogram, true, *this);
}

std::span<double> HistogramColumns::AddRun(std::span<const TimestampMs> timestamps,
                                           const std::shared_ptr<const HistogramLayout>& layout,
                                           bool is_float) {
  UseLayout(layout);
  const size_t first_bucket = buckets_.size();
  Row row;
  row.layout = static_cast<uint32_t>(layouts_.size() - 1);
  row.is_float = is_float;
  row.num_positive = static_cast<uint32_t>(NumBuckets(layout->positive_spans));
  row.num_negative = static_cast<uint32_t>(NumBuckets(layout->negative_spans));
  row.first_bucket = first_bucket;
  const size_t num_buckets = row.num_positive + row.num_negative;
  timestamps_.insert(timestamps_.end(), timestamps.begin(), timestamps.end());
  for (size_t i = 0; i < timestamps.size(); ++i) {
    rows_.push_back(row);
    row.first_bucket += num_buckets;
  }
  buckets_.resize(row.first_bucket);
  if (!starts_.empty()) starts_.resize(size());
  return std::span(buckets_).subspan(first_bucket);
}

void HistogramColumns::SetStart(size_t i, TimestampMs start) {
  starts_.resize(size());
  starts_[i] = start;
}

void HistogramColumns::SetFigures(size_t i, double count, double zero_count, double sum) {
  rows_[i].count = count;
  rows_[i].zero_count = zero_count;
  rows_[i].sum = sum;
}

void HistogramColumns::Truncate(size_t size) {
  if (size >= timestamps_.size()) return;
  buckets_.resize(rows_[size].first_bucket);
  rows_.resize(size);
  timestamps_.resize(size);
  if (!starts_.empty()) starts_.resize(size);
}

void HistogramColumns::KeepRange(TimeRange range) {
  const auto first = std::lower_bound(timestamps_.begin(), timestamps_.end(), range.min);
  const auto last = std::upper_bound(first, timestamps_.end(), range.max);
  Truncate(static_cast<size_t>(last - timestamps_.begin()));
  const auto dropped = first - timestamps_.begin();
  if (dropped == 0) return;
  if (dropped == static_cast<ptrdiff_t>(timestamps_.size())) return clear();
  const size_t first_bucket = rows_[static_cast<size_t>(dropped)].first_bucket;
  buckets_.erase(buckets_.begin(), buckets_.begin() + static_cast<ptrdiff_t>(first_bucket));
  rows_.erase(rows_.begin(), rows_.begin() + dropped);
  if (!starts_.empty()) starts_.erase(starts_.begin(), starts_.begin() + dropped);
  timestamps_.erase(timestamps_.begin(), first);
  for (Row& row : rows_) row.first_bucket -= first_bucket;
}

bool SameBits(const HistogramView& a, const HistogramView& b) {
  return SameLayout(a.layout, b.layout) && a.counter_reset_hint == b.counter_reset_hint &&
         a.is_float == b.is_float && SameBits(a.count, b.count) &&
         SameBits(a.zero_count, b.zero_count) && SameBits(a.sum, b.sum) &&
         SameCounts(a.positive_counts, b.positive_counts) &&
         SameCounts(a.negative_counts, b.negative_counts);
}

bool SameBits(const HistogramColumns& a, const HistogramColumns& b) {
  if (!std::ranges::equal(a.timestamps(), b.timestamps())) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!SameBits(a[i], b[i])) return false;
  }
  return true;
}

HistogramView ViewOf(const FloatHistogramSample& h) {
  return {h.layout,          h.counter_reset_hint, true, h.count, h.zero_count, h.sum,
          h.positive_counts, h.negative_counts};
}

FloatHistogramSample ToFloatHistogram(const HistogramView& histogram) {
  return ToSample<double>(histogram);
}

HistogramSample ToIntegerHistogram(const HistogramView& histogram) {
  return ToSample<uint64_t>(histogram);
}

void MergeHistograms(const HistogramColumns& from, HistogramColumns& into) {
  if (from.empty()) return;
  if (into.empty()) {
    into = from;
    return;
  }
  HistogramColumns merged;
  size_t i = 0, k = 0;
  bool last_from = false;  // where the last sample came from
  const auto take = [&](const HistogramColumns& columns, size_t at, bool is_from) {
    merged.push_back(columns.timestamps()[at], columns[at]);
    const size_t last = merged.size() - 1;
    if (last > 0 && last_from != is_from)
      merged.SetHint(last, HintAfterGap(columns[at].counter_reset_hint));
    last_from = is_from;
  };
  while (i < into.size() || k < from.size()) {
    const bool take_into =
        k == from.size() || (i < into.size() && into.timestamps()[i] <= from.timestamps()[k]);
    if (!take_into) {
      take(from, k++, true);
      continue;
    }
    take(into, i, false);
    if (k < from.size() && into.timestamps()[i] == from.timestamps()[k]) {
      // The next of `from` does not follow the one before it either.
      last_from = false;
      ++k;
    }
    ++i;
  }
  into = std::move(merged);
}

}  // namespace tidemark
