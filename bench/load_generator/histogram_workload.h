#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "bench/load_generator/sample_source.h"
#include "bench/load_generator/workload.h"

namespace tidemark::bench {

// Native histograms of latencies, as instrumented services expose them: schema 3, a log-normal
// distribution for each series with a median of its own, about ten observations a step after some
// thousand before, which come to about 50 populated buckets. Counters, which start again at zero
// now and then and then take on buckets again. Fifty series a target, ten labels each. No series is
// replaced. The values of a series depend on the seed and its number alone.
class HistogramWorkload : public SampleSource {
 public:
  // The series numbered [first, last) of the load.
  HistogramWorkload(const WorkloadOptions& options, size_t first, size_t last);

  size_t size() const override { return series_.size(); }
  LabelSet Labels(size_t i) const override;
  bool IsNew(size_t) const override { return is_new_; }
  void AppendSample(size_t i, TimestampMs timestamp, std::string* time_series) const override;
  size_t Target(size_t i) const override { return (first_ + i) / kSeriesPerTarget; }
  void Advance() override;

 private:
  static constexpr size_t kSeriesPerTarget = 50;
  struct Series {
    std::mt19937_64 random;
    std::lognormal_distribution<double> latency;
    std::map<int32_t, uint64_t> buckets = {};  // counts by index
    uint64_t count = 0;
    double sum = 0;
  };
  static void Observe(double mean, Series& series);

  const size_t first_;
  bool is_new_ = true;
  std::vector<Series> series_;
};

}  // namespace tidemark::bench
