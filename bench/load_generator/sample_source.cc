#include "bench/load_generator/sample_source.h"

namespace tidemark::bench {
namespace {

// The last step of splitmix64. Source: Steele, Lea, Flood, OOPSLA 2014.
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

uint64_t RandomAt(uint64_t seed, uint64_t a, uint64_t b) {
  return Mix(Mix(Mix(seed + 0x9e3779b97f4a7c15) + a) + b);
}

TimestampMs ScrapeTiming::At(size_t target, size_t step) const {
  const TimestampMs tick = start + static_cast<TimestampMs>(step) * interval;
  if (aligned) return tick;
  const auto below = [](uint64_t random, DurationMs bound) {
    return static_cast<DurationMs>(random % static_cast<uint64_t>(bound));
  };
  const DurationMs place = below(RandomAt(seed, target, ~uint64_t{0}), interval * 9 / 10);
  return tick + place + below(RandomAt(seed, target, step), max_jitter + 1);
}

}  // namespace tidemark::bench
