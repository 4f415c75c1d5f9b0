#include "tests/testing/sample_shapes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/model/staleness.h"

namespace tidemark::testing {
namespace {

uint64_t Below(Random& random, uint64_t bound) { return random() % bound; }
bool OneIn(Random& random, uint64_t n) { return Below(random, n) == 0; }
double Uniform(Random& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }
double Rounded(double value, double scale) { return std::round(value * scale) / scale; }

double Special(Random& random) {
  constexpr double kSpecials[] = {0.0,
                                  -0.0,
                                  std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::denorm_min(),
                                  std::numeric_limits<double>::max(),
                                  std::numeric_limits<double>::lowest(),
                                  9007199254740992.0,
                                  -9007199254740993.0,
                                  1e300};
  const uint64_t which = Below(random, std::size(kSpecials) + 2);
  if (which == std::size(kSpecials)) return StaleMarker();
  if (which == std::size(kSpecials) + 1) return NormalNan();
  return kSpecials[which];
}

constexpr ValueShape kValueShapes[] = {
    {"constant", [](Random&, double) { return 42.0; }},
    {"constant_fraction", [](Random&, double) { return 0.1 + 0.2; }},
    {"constant_with_blips",
     [](Random& r, double) { return OneIn(r, 40) ? static_cast<double>(Below(r, 5)) : 7.0; }},
    {"flapping", [](Random& r, double last) { return OneIn(r, 4) ? 1 - last : last; }},
    {"slope", [](Random&, double last) { return last + 15; }},
    {"counter", [](Random& r, double last) { return last + static_cast<double>(Below(r, 1000)); }},
    {"counter_with_resets",
     [](Random& r, double last) {
       return OneIn(r, 100) ? 0 : last + 100000 + static_cast<double>(Below(r, 1000));
     }},
    {"slow_counter", [](Random& r, double last) { return last + (OneIn(r, 6) ? 1 : 0); }},
    {"bytes_counter",
     [](Random& r, double last) { return last + static_cast<double>(Below(r, 1 << 20)); }},
    {"gauge",
     [](Random& r, double last) { return last + static_cast<double>(Below(r, 201)) - 100; }},
    {"decimal_counter",
     [](Random& r, double last) {
       return Rounded(last + static_cast<double>(Below(r, 1500)) / 100, 100);
     }},
    {"decimal_gauge", [](Random& r, double) { return Rounded(Uniform(r) * 100, 1000); }},
    {"float_counter", [](Random& r, double last) { return last + Uniform(r); }},
    {"float_gauge", [](Random& r, double) { return 20 + 5 * std::sin(Uniform(r)); }},
    {"few_fractions", [](Random& r, double) { return 1.0 / static_cast<double>(3 + Below(r, 5)); }},
    {"stale_at_times",
     [](Random& r, double last) {
       return OneIn(r, 20) ? StaleMarker() : (std::isnan(last) ? 5 : last + 3);
     }},
    {"special", [](Random& r, double) { return Special(r); }},
    {"special_at_times",
     [](Random& r, double last) {
       return OneIn(r, 30) ? Special(r) : (std::abs(last) < 1e9 ? last + 1 : 0);
     }},
    {"random_bits", [](Random& r, double) { return std::bit_cast<double>(r()); }},
};

constexpr TimestampShape kTimestampShapes[] = {
    {"regular", 15 * kSecond, 0, 0}, {"jitter", 15 * kSecond, 3, 0},
    {"gaps", 15 * kSecond, 0, 50},   {"jitter_and_gaps", 10 * kSecond, 500, 50},
    {"milliseconds", 1, 0, 300},     {"far_apart", 400 * kDay, 30 * kDay, 10},
};

}  // namespace

std::span<const ValueShape> ValueShapes() { return kValueShapes; }
std::span<const TimestampShape> TimestampShapes() { return kTimestampShapes; }

SampleColumns MakeSamples(const TimestampShape& timestamps, const ValueShape& values,
                          size_t num_samples, uint64_t seed) {
  Random random(seed);
  SampleColumns samples;
  TimestampMs tick = 1'700'000'000'000 + static_cast<TimestampMs>(Below(random, 1'000'000));
  double value = 0;
  for (size_t i = 0; i < num_samples; ++i) {
    do {
      tick += timestamps.interval;
    } while (Below(random, 1000) < static_cast<uint64_t>(timestamps.gaps_per_thousand));
    const uint64_t width = 2 * static_cast<uint64_t>(timestamps.jitter) + 1;
    const auto offset = static_cast<DurationMs>(Below(random, width)) - timestamps.jitter;
    value = values.next(random, value);
    samples.push_back(tick + offset, value);
  }
  return samples;
}

bool SameSamples(const SampleColumns& a, const SampleColumns& b) {
  return a.timestamps == b.timestamps &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(),
                    [](double x, double y) { return SameBits(x, y); });
}

}  // namespace tidemark::testing
