#include "promql/exec/window_totals.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tidemark::promql {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kTolerance = 1e-10;  // of a result: what a difference in rounding may come to

}  // namespace

void WindowTotals::Begin(TimestampMs time, double value) {
  if (count == 0) {
    first_time = time;
    first = min = max = value;
  } else if (value < last) {
    Lose(last, 0);
  }
}

void WindowTotals::Lose(double value, double error) {
  lost_by_resets += value;
  reset_error += error + std::abs(lost_by_resets) * kEpsilon;
}

void WindowTotals::Add(const SampleColumns& samples) {
  if (samples.empty()) return;
  if (AddFinite(samples)) return;
  const std::vector<double>& values = samples.values;
  Begin(samples.timestamps.front(), values.front());
  for (const double value : values) {
    sum.Add(value);
    if (value < min || std::isnan(min)) min = value;
    if (value > max || std::isnan(max)) max = value;
  }
  for (size_t i = 1; i < values.size(); ++i) {
    if (values[i] < values[i - 1]) Lose(values[i - 1], 0);
  }
  End(samples.size(), samples.timestamps.back(), values.back());
}

// What a store says of a chunk, made here of samples: two at a time and without a branch. False,
// and nothing done, where a value or their sum is not a finite number.
bool WindowTotals::AddFinite(const SampleColumns& samples) {
  using Pair = double __attribute__((vector_size(16)));
  const std::vector<double>& values = samples.values;
  const auto load = [&](size_t i) {
    Pair pair;
    std::memcpy(&pair, values.data() + i, sizeof(pair));
    return pair;
  };
  const double start = values.front();
  Pair sums = {}, least = {start, start}, greatest = {start, start}, lost = {};
  size_t i = 1;
  for (; i + 2 <= values.size(); i += 2) {
    const Pair before = load(i - 1), now = load(i);
    sums += now;
    least = now < least ? now : least;
    greatest = now > greatest ? now : greatest;
    lost += now < before ? before : Pair{};
  }
  tsdb::ChunkSummary s{.range = {samples.timestamps.front(), samples.timestamps.back()},
                       .num_samples = static_cast<uint32_t>(values.size()),
                       .first = start,
                       .last = values.back(),
                       .min = std::min(least[0], least[1]),
                       .max = std::max(greatest[0], greatest[1]),
                       .sum = start + (sums[0] + sums[1])};
  double fallen = lost[0] + lost[1];
  if (i < values.size()) {
    s.sum += s.last;
    s.min = std::min(s.min, s.last);
    s.max = std::max(s.max, s.last);
    if (s.last < values[i - 1]) fallen += values[i - 1];
  }
  if (!std::isfinite(s.sum)) return false;
  AddChunk(s, fallen);
  return true;
}

void WindowTotals::Add(const tsdb::ChunkSummary& chunk) {
  // 0 to the bit where nothing fell.
  AddChunk(chunk, chunk.increase - (chunk.last - chunk.first));
}

void WindowTotals::AddChunk(const tsdb::ChunkSummary& chunk, double fallen) {
  Begin(chunk.range.min, chunk.first);
  if (chunk.min < min || std::isnan(min)) min = chunk.min;
  if (chunk.max > max || std::isnan(max)) max = chunk.max;
  sum.Add(chunk.sum);
  const double samples = chunk.num_samples;
  const double greatest = std::max(std::abs(chunk.min), std::abs(chunk.max));
  sum_error += samples * samples * greatest * kEpsilon;
  // Where nothing is said to have fallen, what did was too little to show beside this.
  const double rise = std::abs(chunk.last - chunk.first);
  Lose(fallen, samples * (fallen != 0 ? greatest : rise) * kEpsilon);
  End(chunk.num_samples, chunk.range.max, chunk.last);
}

void WindowTotals::End(size_t samples, TimestampMs time, double value) {
  count += samples;
  last_time = time;
  last = value;
}

bool WindowTotals::SumIsExact() const { return sum_error <= kTolerance * std::abs(sum.Total()); }

bool WindowTotals::ResetsAreExact(double increase) const {
  return reset_error <= kTolerance * std::abs(increase);
}

}  // namespace tidemark::promql
