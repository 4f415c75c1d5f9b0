#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string_view>

#include "base/model/sample.h"

// Series as they occur, made from a seed: what codecs are tested and measured with.
namespace tidemark::testing {

using Random = std::mt19937_64;

struct ValueShape {
  std::string_view name;
  double (*next)(Random& random, double last);  // `last` is 0 at first
};

struct TimestampShape {
  std::string_view name;
  DurationMs interval;
  DurationMs jitter;      // up to so much before or after the tick
  int gaps_per_thousand;  // ticks that are left out
};

std::span<const ValueShape> ValueShapes();
std::span<const TimestampShape> TimestampShapes();

// `num_samples` samples of these shapes; the same ones for the same seed.
SampleColumns MakeSamples(const TimestampShape& timestamps, const ValueShape& values,
                          size_t num_samples, uint64_t seed);

// Whether timestamps are equal and values have the same bits.
bool SameSamples(const SampleColumns& a, const SampleColumns& b);

}  // namespace tidemark::testing
