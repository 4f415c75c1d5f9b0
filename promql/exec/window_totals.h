#pragma once

#include <cstddef>

#include "base/model/sample.h"
#include "base/model/timestamp.h"
#include "promql/functions/compensated_sum.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// What many range functions need to know of a window, and what the summary of a stored chunk says
// without its samples being decoded. Built from stretches of one series in order of time.
struct WindowTotals {
  size_t count = 0;
  // Of the first and the last sample. Meaningless while there is none.
  TimestampMs first_time = 0, last_time = 0;
  double first = 0, last = 0;
  double min = 0, max = 0;  // NaN only where there is nothing else
  CompensatedSum sum;
  double lost_by_resets = 0;  // what falls of the counter took away: the value before each
  // How far, at most, the sums of chunks, which are not compensated, are from the true ones.
  double sum_error = 0;
  double reset_error = 0;  // the same of lost_by_resets

  void Add(const SampleColumns& samples);  // no staleness markers
  void Add(const tsdb::ChunkSummary& chunk);

  // Whether `sum` is as good as if the samples had been added up here.
  bool SumIsExact() const;
  // The same of `lost_by_resets`, beside the increase that it is a part of.
  bool ResetsAreExact(double increase) const;

 private:
  void Begin(TimestampMs time, double value);
  void Lose(double value, double error);
  bool AddFinite(const SampleColumns& samples);
  void AddChunk(const tsdb::ChunkSummary& chunk, double fallen);
  void End(size_t samples, TimestampMs time, double value);
};

}  // namespace tidemark::promql
