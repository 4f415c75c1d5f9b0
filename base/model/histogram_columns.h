#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/model/native_histogram.h"
#include "base/model/timestamp.h"

namespace tidemark {

// One native histogram, borrowed: valid until what it was taken from changes. Counts are exact,
// those of an integer histogram too (HistogramColumns).
struct HistogramView {
  const std::shared_ptr<const HistogramLayout>& layout;  // never null
  CounterResetHint counter_reset_hint = CounterResetHint::kUnknown;
  bool is_float = false;  // its counts need not be whole numbers
  double count = 0, zero_count = 0, sum = 0;
  std::span<const double> positive_counts, negative_counts;
  TimestampMs start_timestamp = 0;  // when what it counts began; 0 where that is not known
};

// The largest count that an integer histogram has in HistogramColumns: up to there doubles are
// exact. Stores take a histogram with a greater one as a float histogram.
inline constexpr uint64_t kMaxExactCount = uint64_t{1} << 53;

// The native histograms of one series, timestamps strictly ascending. The buckets of all lie in one
// array, so that reading them allocates nothing in the steady state; samples that follow one
// another and share a layout share the object.
class HistogramColumns {
 public:
  size_t size() const { return timestamps_.size(); }
  bool empty() const { return timestamps_.empty(); }
  std::span<const TimestampMs> timestamps() const { return timestamps_; }
  // When what each counts began, as SampleColumns has it of floats: empty, or one per sample.
  std::span<const TimestampMs> start_timestamps() const { return starts_; }
  HistogramView operator[](size_t i) const;
  // Whether samples i and i + 1 share the object of their layout: then they have the same buckets.
  bool SharesLayout(size_t i) const { return rows_[i].layout == rows_[i + 1].layout; }

  void clear();
  // `timestamp` is greater than all that are in it. The counts of an integer histogram are at most
  // kMaxExactCount.
  void push_back(TimestampMs timestamp, const HistogramView& histogram);
  void push_back(TimestampMs timestamp, const HistogramSample& histogram);
  void push_back(TimestampMs timestamp, const FloatHistogramSample& histogram);
  // Adds a sample of this layout and gives its buckets to be filled, positive ones first; valid
  // until the next call.
  struct NewRow {
    std::span<double> positive_counts, negative_counts;
  };
  NewRow Add(TimestampMs timestamp, const std::shared_ptr<const HistogramLayout>& layout,
             CounterResetHint hint, bool is_float, double count, double zero_count, double sum);
  // Adds all of `later`, which begins later than this ends.
  void Append(const HistogramColumns& later);
  // Adds samples of one layout and kind, all else 0, and gives their buckets to be filled: sample
  // by sample, positive ones first; valid until the next call. For decoders, which know the rest
  // late.
  std::span<double> AddRun(std::span<const TimestampMs> timestamps,
                           const std::shared_ptr<const HistogramLayout>& layout, bool is_float);
  void SetHint(size_t i, CounterResetHint hint) { rows_[i].hint = hint; }
  void SetStart(size_t i, TimestampMs start);
  void SetFigures(size_t i, double count, double zero_count, double sum);
  // Drops what lies outside `range`.
  void KeepRange(TimeRange range);
  // Drops all but the first `size` of them; nothing where there are no more.
  void Truncate(size_t size);

 private:
  // Has the layout as the last of layouts_.
  void UseLayout(const std::shared_ptr<const HistogramLayout>& layout);

  struct Row {
    uint32_t layout = 0;  // in layouts_
    CounterResetHint hint = CounterResetHint::kUnknown;
    bool is_float = false;
    uint32_t num_positive = 0, num_negative = 0;
    size_t first_bucket = 0;  // in buckets_
    double count = 0, zero_count = 0, sum = 0;
  };

  std::vector<TimestampMs> timestamps_, starts_;
  std::vector<Row> rows_;
  std::vector<std::shared_ptr<const HistogramLayout>> layouts_;
  std::vector<double> buckets_;
};

// Bits, not numbers, and timestamps; not what is known of their start.
bool SameBits(const HistogramView& a, const HistogramView& b);
bool SameBits(const HistogramColumns& a, const HistogramColumns& b);

// `histogram`, which outlives the view.
HistogramView ViewOf(const FloatHistogramSample& histogram);
// A copy that owns its counts.
FloatHistogramSample ToFloatHistogram(const HistogramView& histogram);
// `histogram` has whole, not negative counts.
HistogramSample ToIntegerHistogram(const HistogramView& histogram);

// The number of buckets that spans have.
size_t NumBuckets(std::span<const BucketSpan> spans);

// That a histogram was no counter reset is known of the one before it alone: what is to be said of
// one that follows another now.
inline CounterResetHint HintAfterGap(CounterResetHint hint) {
  return hint == CounterResetHint::kGauge ? hint : CounterResetHint::kUnknown;
}

// Merges `from` into `into`. At a time that both have what is in `into` stays. Hints of samples
// that get another one before them become HintAfterGap.
void MergeHistograms(const HistogramColumns& from, HistogramColumns& into);

}  // namespace tidemark
