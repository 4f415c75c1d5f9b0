#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "bench/load_generator/sample_source.h"

namespace tidemark::bench {

struct WorkloadOptions {
  uint64_t seed = 1;
  size_t num_series = 100'000;   // of the whole load
  DurationMs interval = 15'000;  // between two samples of a series
  double churn = 0.01;           // share of the series replaced by new ones every hour
};

// A seeded stand-in for what node_exporter and its kind expose: ten labels a series, a thousand
// series a target, in groups of a hundred that are replaced together, as a container's are:
//   60 constants, 12 cumulative buckets of a histogram (every other histogram idle), 12 integer
//   counters, 4 counters of hundredths of seconds, 6 integer gauges (half of them bytes in pages of
//   4 KiB), 3 gauges of two decimals, 2 gauges and a counter of true doubles.
// So 66 % of the series stand still, 24 % are other integers, 7 % short decimals and 3 % doubles;
// on real pages it is 65 to 77, 19 to 23, 0.4 to 14 and 1 to 7. Counters start again at zero now
// and then. The values of a series depend on the seed and its number alone, so that any part of the
// load can be made by itself.
class Workload : public FloatSource {
 public:
  // The series numbered [first, last) of the load.
  Workload(const WorkloadOptions& options, size_t first, size_t last);

  size_t size() const override { return series_.size(); }
  LabelSet Labels(size_t i) const override;
  bool IsNew(size_t i) const override { return series_[i].is_new; }
  double Value(size_t i) const override { return series_[i].value; }
  size_t Target(size_t i) const override;
  void Advance() override;

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
    kDoubleCounter,
  };
  struct Series {
    uint64_t random = 0;  // state of its own generator; buckets of a histogram share theirs
    double value = 0;
    double pace = 0;  // how far it typically goes in a step
    uint32_t number = 0;
    uint32_t generation = 0;  // how often churn has replaced it
    Kind kind = Kind::kConstant;
    bool is_new = true;
  };
  static Kind KindOf(size_t number);
  static bool Resets(Kind kind);
  void Begin(Series& series);
  void Step(Series& series);

  const WorkloadOptions options_;
  const double churn_per_step_;
  uint64_t step_ = 0;
  std::vector<Series> series_;
};

}  // namespace tidemark::bench
