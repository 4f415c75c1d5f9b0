#include "bench/load_generator/workload.h"

#include <cmath>
#include <string>

#include "base/strings.h"

namespace tidemark::bench {
namespace {

constexpr double kStepsPerReset = 20'000;  // a process restarts every few days

// splitmix64: a generator of eight bytes. Source: Steele, Lea, Flood, OOPSLA 2014.
uint64_t NextRandom(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
double NextUnit(uint64_t& state) { return static_cast<double>(NextRandom(state) >> 11) * 0x1p-53; }
int64_t NextBelow(uint64_t& state, int64_t bound) {
  return static_cast<int64_t>(NextUnit(state) * static_cast<double>(bound));
}

constexpr size_t kSeriesPerInstance = 1000;  // a node_exporter's page
constexpr std::string_view kBounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1",  "0.25",
                                        "0.5",   "1.0",  "2.5",   "5.0",  "10.0", "+Inf"};

}  // namespace

Workload::Workload(const WorkloadOptions& options, size_t first, size_t last)
    : options_(options),
      churn_per_step_(options.churn * static_cast<double>(options.interval) / kHour) {
  series_.resize(last - first);
  for (size_t i = 0; i < series_.size(); ++i) {
    Series& series = series_[i];
    series.number = static_cast<uint32_t>(first + i);
    series.random = options.seed * 0x2545f4914f6cdd1d + series.number;
    series.kind = KindOf(series.number);
    Begin(series);
  }
}

Workload::Kind Workload::KindOf(size_t number) {
  const size_t n = number % 100;
  if (n < 50) return Kind::kConstant;
  if (n < 62) return (number / 100) % 2 == 0 ? Kind::kBucket : Kind::kIdleBucket;
  if (n < 76) return Kind::kIntegerCounter;
  if (n < 80) return Kind::kSecondsCounter;
  if (n < 90) return Kind::kIntegerGauge;
  if (n < 95) return Kind::kDecimalGauge;
  return Kind::kDoubleGauge;
}

void Workload::Begin(Series& series) {
  switch (series.kind) {
    case Kind::kConstant:
      series.value =
          static_cast<double>(NextBelow(series.random, 4) * NextBelow(series.random, 1 << 20));
      break;
    case Kind::kIntegerGauge:
      series.value = static_cast<double>(NextBelow(series.random, 1 << 30));
      break;
    case Kind::kDecimalGauge:
      series.value = 50;
      break;
    case Kind::kDoubleGauge:
      series.value = NextUnit(series.random);
      break;
    default:
      series.value = 0;
  }
}

void Workload::Step(Series& series) {
  uint64_t& random = series.random;
  switch (series.kind) {
    case Kind::kConstant:
    case Kind::kIdleBucket:
      return;
    case Kind::kBucket:
      series.value += static_cast<double>(NextBelow(random, 4));
      break;
    case Kind::kIntegerCounter:
      series.value += static_cast<double>(NextBelow(random, 2000));
      break;
    case Kind::kSecondsCounter:
      // Hundredths of a second, summed as a program does it.
      series.value += static_cast<double>(NextBelow(random, 1500)) / 100;
      break;
    case Kind::kIntegerGauge:
      series.value =
          std::abs(series.value + static_cast<double>(NextBelow(random, 1 << 16) - (1 << 15)));
      break;
    case Kind::kDecimalGauge:
      series.value = std::round((series.value + NextUnit(random) - 0.5) * 100) / 100;
      break;
    case Kind::kDoubleGauge:
      series.value = NextUnit(random) * std::exp(NextUnit(random));
      break;
  }
  const bool counter = series.kind == Kind::kIntegerCounter || series.kind == Kind::kSecondsCounter;
  if (counter && NextUnit(random) * kStepsPerReset < 1) series.value = 0;
}

void Workload::Advance() {
  for (Series& series : series_) {
    series.is_new = false;
    if (NextUnit(series.random) < churn_per_step_) {
      ++series.generation;
      series.is_new = true;
      Begin(series);
    } else {
      Step(series);
    }
  }
}

LabelSet Workload::Labels(size_t i) const {
  static constexpr std::string_view kNames[] = {"constant",
                                                "latency_seconds_bucket",
                                                "idle_seconds_bucket",
                                                "events_total",
                                                "cpu_seconds_total",
                                                "bytes",
                                                "temperature",
                                                "load"};
  const Series& series = series_[i];
  const size_t n = series.number;
  const size_t instance = n / kSeriesPerInstance;
  LabelSetBuilder labels;
  labels.Set(kMetricName, StrCat("bench_", kNames[static_cast<size_t>(series.kind)]));
  labels.Set("job", StrCat("job-", instance % 10));
  labels.Set("instance", StrCat("10.0.", instance / 250, ".", instance % 250, ":9100"));
  labels.Set("datacenter", instance % 2 == 0 ? "eu-central-1a" : "eu-central-1b");
  labels.Set("cluster", StrCat("cluster-", instance % 4));
  labels.Set("namespace", StrCat("namespace-", n / 100 % 7));
  labels.Set("pod", StrCat("workload-", instance, "-", series.generation));
  labels.Set("device", StrCat("device", n % 100));
  labels.Set("item", StrCat("item-", n % kSeriesPerInstance / 100));
  if (series.kind == Kind::kBucket || series.kind == Kind::kIdleBucket) {
    labels.Set("le", kBounds[(n % 100 - 50) % std::size(kBounds)]);
    labels.Set("device", "all");
  } else {
    labels.Set("mode", n % 3 == 0 ? "read" : "write");
  }
  return labels.Build();
}

}  // namespace tidemark::bench
