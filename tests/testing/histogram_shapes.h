#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/model/histogram_columns.h"
#include "tests/testing/sample_shapes.h"

// Native histograms as they occur, made from a seed.
namespace tidemark::testing {

// Exponential or custom buckets, a few spans.
std::shared_ptr<const HistogramLayout> RandomLayout(Random& random);

// A counter that rises, changes its layout now and then, is reset and goes stale.
class HistogramShape {
 public:
  HistogramShape(uint64_t seed, bool is_float) : random_(seed), is_float_(is_float) {}
  // Valid until the next call.
  HistogramView Next();

 private:
  double Rise();
  void Restart();

  Random random_;
  const bool is_float_;
  std::shared_ptr<const HistogramLayout> layout_;
  CounterResetHint hint_ = CounterResetHint::kUnknown;
  double count_ = 0, zero_count_ = 0, sum_ = 0;
  std::vector<double> buckets_;
  size_t num_positive_ = 0;
};

// `count` of them, 15 s apart.
HistogramColumns MakeHistograms(uint64_t seed, size_t count, bool is_float);

}  // namespace tidemark::testing
