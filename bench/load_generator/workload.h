#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::bench {

struct WorkloadOptions {
  uint64_t seed = 1;
  size_t num_series = 100'000;   // of the whole load
  DurationMs interval = 15'000;  // between two samples of a series
  double churn = 0.01;           // share of the series replaced by new ones every hour
};

// A seeded stand-in for what node_exporter and its kind expose: about ten labels a series, and of a
// hundred series
//   50 constants, 12 histogram buckets (every other one idle), 14 integer counters, 4 counters of
//   seconds, 10 integer gauges, 5 gauges of two decimals, 5 gauges of true doubles.
// Counters start again at zero now and then. The values of a series depend on the seed and its
// number alone, so that any part of the load can be made by itself. One thread.
class Workload {
 public:
  // The series numbered [first, last) of the load.
  Workload(const WorkloadOptions& options, size_t first, size_t last);

  size_t size() const { return series_.size(); }
  // Labels of series `i` of this part, as of the current step.
  LabelSet Labels(size_t i) const;
  // True where Labels(i) has just become another series.
  bool IsNew(size_t i) const { return series_[i].is_new; }
  double Value(size_t i) const { return series_[i].value; }
  // Goes on by one interval.
  void Advance();

 private:
  enum class Kind : uint8_t {
    kConstant,
    kBucket,
    kIdleBucket,
    kIntegerCounter,
    kSecondsCounter,
    kIntegerGauge,
    kDecimalGauge,
    kDoubleGauge,
  };
  struct Series {
    uint64_t random = 0;  // state of its own generator
    double value = 0;
    uint32_t number = 0;
    uint32_t generation = 0;  // how often churn has replaced it
    Kind kind = Kind::kConstant;
    bool is_new = true;
  };
  static Kind KindOf(size_t number);
  void Begin(Series& series);
  void Step(Series& series);

  const WorkloadOptions options_;
  const double churn_per_step_;
  std::vector<Series> series_;
};

}  // namespace tidemark::bench
