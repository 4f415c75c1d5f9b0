#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/native_histogram.h"

namespace tidemark::promql {

// One series as it passes between operators.
struct SeriesHeader {
  LabelSet labels;
  // The metric's name is still among `labels` and goes when the query ends: how a name is dropped
  // where EngineOptions::delayed_name_removal is set. Never true otherwise.
  bool drop_name = false;
};

// Bits for steps are kept in words of 64, unused bits of the last word are 0.
constexpr size_t PresenceWords(size_t num_steps) { return (num_steps + 63) / 64; }

// The memory of the values of one series.
constexpr size_t RowBytes(size_t num_steps) {
  return num_steps * sizeof(double) + PresenceWords(num_steps) * sizeof(uint64_t);
}

// The native histograms of one series, one per step, null at steps that have none; null where no
// step has one, as for most series.
using HistogramSteps = std::unique_ptr<std::vector<HistogramPtr>>;

// Histograms that were made for the steps of a row of a batch, kept for their space; null at steps
// that have none yet.
using SpareHistograms = std::vector<std::shared_ptr<FloatHistogramSample>>;

// All steps of one series: where bit i of `present` is set step i has a sample, which is the
// histogram of that step where there is one, else values[i]. Borrowed from a batch or a table,
// valid until that changes.
struct StepRow {
  std::span<double> values;
  std::span<uint64_t> present;
  HistogramSteps* histograms = nullptr;  // where null the row takes floats only
  SpareHistograms* spares = nullptr;     // where null none are kept

  bool Has(size_t step) const { return present[step / 64] >> (step % 64) & 1; }
  bool HasHistograms() const { return histograms != nullptr && *histograms != nullptr; }
  bool HasHistogram(size_t step) const { return Histogram(step) != nullptr; }
  // The same, to be shared.
  HistogramPtr SharedHistogram(size_t step) const {
    return HasHistograms() ? (**histograms)[step] : nullptr;
  }
  // Null where the sample of the step is a float, and where there is none.
  const FloatHistogramSample* Histogram(size_t step) const {
    return HasHistograms() ? (**histograms)[step].get() : nullptr;
  }
  // For a step that has no histogram.
  void Set(size_t step, double value) const {
    values[step] = value;
    present[step / 64] |= uint64_t{1} << (step % 64);
  }
  void SetHistogram(size_t step, HistogramPtr histogram) const {
    if (!HasHistograms()) {
      *histograms = std::make_unique<std::vector<HistogramPtr>>(values.size());
    }
    (**histograms)[step] = std::move(histogram);
    present[step / 64] |= uint64_t{1} << (step % 64);
  }
  // One that nobody else has, to be filled and then set at this step: with the space of the one
  // that an earlier batch made for it, and whatever was in that.
  std::shared_ptr<FloatHistogramSample> SpareHistogram(size_t step) const;
  void Clear(size_t step) const {
    present[step / 64] &= ~(uint64_t{1} << (step % 64));
    if (HasHistograms()) (**histograms)[step] = nullptr;
  }
  // Sets the step, at which `from` has a sample, to that sample.
  void SetFrom(const StepRow& from, size_t step) const {
    if (from.HasHistogram(step)) return SetHistogram(step, from.SharedHistogram(step));
    Set(step, from.values[step]);
  }
  // Makes this row, which is empty and as long, equal to `from`.
  void CopyFrom(const StepRow& from) const;
  // Clears the steps that have a histogram; true where there were any.
  bool DropHistograms() const;
  // To be called where bits of `present` were taken away in any other way than by Clear.
  void DropAbsentHistograms() const;
  size_t Count() const {
    size_t count = 0;
    for (const uint64_t word : present) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  bool Empty() const {
    for (const uint64_t word : present) {
      if (word != 0) return false;
    }
    return true;
  }
  bool HasFloat(size_t step) const { return Has(step) && !HasHistogram(step); }
  // Whether any step has a float.
  bool HasFloats() const {
    if (!HasHistograms()) return !Empty();
    bool any = false;
    ForEach([&](size_t step) { any |= !HasHistogram(step); });
    return any;
  }
  // Calls fn(step) for each step that has a value, ascending. `fn` may change the row at that step.
  template <typename Fn>
  void ForEach(Fn fn) const {
    for (size_t w = 0; w < present.size(); ++w) {
      for (uint64_t word = present[w]; word != 0; word &= word - 1) {
        fn(w * 64 + static_cast<size_t>(std::countr_zero(word)));
      }
    }
  }
};

// Some series and, for each, every step of the query: values[series][step] and a bitmap of the
// steps that have one. Reused from call to call, so that the steady state allocates nothing.
// Native histograms are in columns of their own, of the series that have any.
class ColumnBatch {
 public:
  // Drops all series. Rows added from now on have `num_steps` steps.
  void Reset(size_t num_steps);
  // Adds a series without a single value.
  StepRow Add(SeriesHeader header);

  // Removes the series that have no value at any step.
  void DropEmptyRows();

  size_t size() const { return headers_.size(); }
  bool empty() const { return headers_.empty(); }
  size_t num_steps() const { return num_steps_; }
  // How many series an operator should put into one batch: enough to share the work among threads,
  // few enough to stay in the processor's cache.
  size_t max_series() const { return MaxSeries(num_steps_); }
  static size_t MaxSeries(size_t num_steps);
  // About the memory of a full batch.
  static size_t MaxBytes(size_t num_steps) { return MaxSeries(num_steps) * RowBytes(num_steps); }

  const SeriesHeader& header(size_t i) const { return headers_[i]; }
  SeriesHeader& header(size_t i) { return headers_[i]; }
  StepRow row(size_t i) {
    return {std::span(values_).subspan(i * num_steps_, num_steps_),
            std::span(present_).subspan(i * num_words_, num_words_), &histograms_[i], &spares_[i]};
  }
  // The number of samples of either kind, absent steps not counted.
  size_t CountSamples() const;

 private:
  size_t num_steps_ = 0, num_words_ = 0;
  std::vector<SeriesHeader> headers_;
  std::vector<double> values_;              // headers_.size() x num_steps_
  std::vector<uint64_t> present_;           // headers_.size() x num_words_
  std::vector<HistogramSteps> histograms_;  // headers_.size()
  std::vector<SpareHistograms> spares_;     // no less than rows
};

}  // namespace tidemark::promql
