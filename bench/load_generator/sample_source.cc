#include "bench/load_generator/sample_source.h"

#include <protozero/pbf_writer.hpp>

namespace tidemark::bench {
namespace {

// Field numbers of prometheus.TimeSeries and Sample.
constexpr protozero::pbf_tag_type kSamples = 2, kValue = 1, kTimestamp = 2;

// The last step of splitmix64. Source: Steele, Lea, Flood, OOPSLA 2014.
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

void FloatSource::AppendSample(size_t i, TimestampMs timestamp, std::string* time_series) const {
  protozero::pbf_writer series(*time_series);
  protozero::pbf_writer sample(series, kSamples);
  sample.add_double(kValue, Value(i));
  sample.add_int64(kTimestamp, timestamp);
}

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
