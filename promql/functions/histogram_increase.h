#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/model/histogram_columns.h"
#include "promql/functions/range_notes.h"

namespace tidemark::promql {

// Drops the sign whose buckets are all empty, or both, from histograms of one layout: which signs
// there are tells where a zero bucket ends. Others keep their layout, so that sums of them are
// fast.
class EmptySides {
 public:
  void Drop(FloatHistogramSample& histogram);

 private:
  std::shared_ptr<const HistogramLayout> of_;  // what without_ was made from
  std::array<std::shared_ptr<const HistogramLayout>, 4> without_;
};

// By how much the histograms of a series grow from the first to the last sample of windows that
// come in order.
class HistogramGrowth {
 public:
  // A counter that was reset counts on from zero. `samples` outlives this.
  HistogramGrowth(const HistogramColumns& samples, bool counter);

  // Of samples [begin, end), two at least; nullopt, with notes.mixed_schemas, where exponential and
  // custom buckets mix.
  std::optional<FloatHistogramSample> Of(size_t begin, size_t end, RangeNotes& notes);

 private:
  void NoteHints(size_t begin, size_t end, RangeNotes& notes) const;
  FloatHistogramSample OfOneLayout(size_t begin, size_t end);
  std::optional<FloatHistogramSample> OfAny(size_t begin, size_t end, RangeNotes& notes) const;
  bool SchemasMix(size_t begin, size_t end) const;
  bool IsResetAt(size_t i) const;
  template <typename Fn>
  void ForEachResetAfter(size_t begin, size_t end, Fn fn) const;

  const HistogramColumns& samples_;
  const bool counter_;
  bool one_layout_ = true, any_gauge_ = false, all_gauges_ = true;
  std::vector<size_t> resets_;  // of a counter: before which samples, ascending
  size_t first_reset_ = 0;      // that a window to come may hold
  EmptySides empty_sides_;
};

}  // namespace tidemark::promql
