#pragma once

#include <span>
#include <vector>

#include "base/model/sample.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// Times, as ranges that neither overlap nor touch, ascending: what has been deleted of a series.
// Thread-compatible.
class IntervalSet {
 public:
  void Add(TimeRange range);  // min <= max; both ends belong to it
  void AddAll(const IntervalSet& other);
  void Remove(TimestampMs t);
  bool Contains(TimestampMs t) const;
  bool Covers(TimeRange range) const;    // every time of it
  bool Overlaps(TimeRange range) const;  // any time of it
  bool empty() const { return ranges_.empty(); }
  std::span<const TimeRange> ranges() const { return ranges_; }
  // Drops the samples at these times.
  void RemoveFrom(SampleColumns& samples) const;

 private:
  void RemoveFrom(HistogramColumns& histograms) const;

  std::vector<TimeRange> ranges_;
};

}  // namespace tidemark::tsdb
