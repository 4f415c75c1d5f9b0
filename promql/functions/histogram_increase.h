#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/model/sample.h"
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
  // A counter that was reset counts on from zero. The histograms of `samples` outlive this.
  HistogramGrowth(const SampleColumns& samples, bool counter);

  // Sets `growth`, whatever it holds, to that of samples [begin, end), two at least, or with
  // `from_zero`, of a counter that is known to have begun inside the window, one: then it is that
  // since it began. False, with notes.mixed_schemas, where exponential and custom buckets mix.
  bool Find(size_t begin, size_t end, bool from_zero, RangeNotes& notes,
            FloatHistogramSample& growth);

 private:
  // The samples that make a growth: the last of [first, end) less the first, unless the counter
  // starts from zero there, and what resets between them took away.
  struct Span {
    size_t first, end;
    bool from_zero;
  };
  bool IsReset(size_t i, const HistogramView& now) const;
  Span SpanOf(size_t begin, size_t end, bool from_zero) const;
  void NoteHints(size_t begin, size_t end, RangeNotes& notes) const;
  void FindOfOneLayout(const Span& span, FloatHistogramSample& growth) const;
  bool FindOfAny(const Span& span, RangeNotes& notes, FloatHistogramSample& growth) const;
  bool ShareLayout(const Span& span) const;
  bool SchemasMix(const Span& span) const;
  template <typename Fn>
  void ForEachResetWithin(const Span& span, Fn fn) const;

  const HistogramColumns& samples_;
  const bool counter_;
  bool one_schema_ = true, any_gauge_ = false, all_gauges_ = true;
  std::vector<size_t> layout_changes_;  // before which samples, ascending
  std::vector<size_t> resets_;          // of a counter: before which samples, ascending
  size_t first_reset_ = 0;              // that a window to come may hold
  EmptySides empty_sides_;
};

}  // namespace tidemark::promql
