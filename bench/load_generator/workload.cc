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
double ToUnit(uint64_t random) { return static_cast<double>(random >> 11) * 0x1p-53; }
double NextUnit(uint64_t& state) { return ToUnit(NextRandom(state)); }
double NextBelow(uint64_t& state, double bound) { return std::floor(NextUnit(state) * bound); }

constexpr size_t kSeriesPerTarget = 1000;  // a node_exporter's page
constexpr size_t kSeriesPerGroup = 100;
constexpr size_t kFirstBucket = 50;  // in a group
constexpr std::string_view kBounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1",  "0.25",
                                        "0.5",   "1.0",  "2.5",   "5.0",  "10.0", "+Inf"};

size_t BucketOf(size_t number) { return number % kSeriesPerGroup - kFirstBucket; }
double TwoDecimals(double value) { return std::round(value * 100) / 100; }

// How many of a step's observations are at most the bound of `bucket`. All buckets of a histogram
// draw the same numbers.
double Observed(uint64_t& random, size_t bucket) {
  double found = 0;
  for (double left = NextBelow(random, 4); left > 0; --left) {
    const double place = (NextUnit(random) + NextUnit(random)) / 2 * std::size(kBounds);
    if (static_cast<size_t>(place) <= bucket) ++found;
  }
  return found;
}

}  // namespace

Workload::Workload(const WorkloadOptions& options, size_t first, size_t last)
    : options_(options),
      churn_per_step_(options.churn * static_cast<double>(options.interval) / kHour) {
  series_.resize(last - first);
  for (size_t i = 0; i < series_.size(); ++i) {
    Series& series = series_[i];
    series.number = static_cast<uint32_t>(first + i);
    series.kind = KindOf(series.number);
    Begin(series);
  }
}

Workload::Kind Workload::KindOf(size_t number) {
  const size_t n = number % kSeriesPerGroup;
  if (n < kFirstBucket || n >= 90) return Kind::kConstant;
  if (n < 62) return number / kSeriesPerGroup % 2 == 0 ? Kind::kBucket : Kind::kIdleBucket;
  if (n < 74) return Kind::kIntegerCounter;
  if (n < 78) return Kind::kSecondsCounter;
  if (n < 84) return Kind::kIntegerGauge;
  if (n < 87) return Kind::kDecimalGauge;
  return n < 89 ? Kind::kDoubleGauge : Kind::kDoubleCounter;
}

bool Workload::Resets(Kind kind) {
  return kind == Kind::kIntegerCounter || kind == Kind::kSecondsCounter ||
         kind == Kind::kDoubleCounter;
}

void Workload::Begin(Series& series) {
  const bool bucket = series.kind == Kind::kBucket;
  series.random =
      RandomAt(options_.seed, bucket ? series.number / kSeriesPerGroup : ~uint64_t{series.number},
               series.generation);
  uint64_t& random = series.random;
  series.value = 0;
  switch (series.kind) {
    case Kind::kConstant:
      series.value = NextBelow(random, 4) * NextBelow(random, 1 << 20);
      break;
    case Kind::kIntegerCounter:
      series.pace = std::exp2(NextBelow(random, 20) - 3);  // from hardly ever to busy
      break;
    case Kind::kIntegerGauge:
      series.pace = NextBelow(random, 2) == 0 ? 1 : 4096;
      series.value = NextBelow(random, 1 << 20) * series.pace;
      break;
    case Kind::kDecimalGauge:
      series.value = 50;
      break;
    case Kind::kDoubleGauge:
      series.value = NextUnit(random);
      break;
    default:
      break;
  }
}

void Workload::Step(Series& series) {
  uint64_t& random = series.random;
  switch (series.kind) {
    case Kind::kConstant:
    case Kind::kIdleBucket:
      return;
    case Kind::kBucket:
      series.value += Observed(random, BucketOf(series.number));
      break;
    case Kind::kIntegerCounter:
      series.value += std::floor((0.5 + NextUnit(random)) * series.pace + NextUnit(random));
      break;
    case Kind::kSecondsCounter:
      series.value = TwoDecimals(series.value + NextBelow(random, 1500) / 100);
      break;
    case Kind::kIntegerGauge:
      series.value =
          std::abs(series.value + (NextBelow(random, 1 << 11) - (1 << 10)) * series.pace);
      break;
    case Kind::kDecimalGauge:
      series.value = TwoDecimals(series.value + NextUnit(random) - 0.5);
      break;
    case Kind::kDoubleGauge:
      series.value = NextUnit(random) * std::exp(NextUnit(random));
      break;
    case Kind::kDoubleCounter:
      series.value += NextUnit(random);
      break;
  }
  if (Resets(series.kind) && NextUnit(random) * kStepsPerReset < 1) series.value = 0;
}

void Workload::Advance() {
  ++step_;
  for (Series& series : series_) {
    const uint64_t group = series.number / kSeriesPerGroup;
    series.is_new = ToUnit(RandomAt(options_.seed, group, ~step_)) < churn_per_step_;
    if (series.is_new) {
      ++series.generation;
      Begin(series);
    } else {
      Step(series);
    }
  }
}

size_t Workload::Target(size_t i) const { return series_[i].number / kSeriesPerTarget; }

LabelSet Workload::Labels(size_t i) const {
  static constexpr std::string_view kNames[] = {"constant",
                                                "latency_seconds_bucket",
                                                "idle_seconds_bucket",
                                                "events_total",
                                                "cpu_seconds_total",
                                                "bytes",
                                                "temperature",
                                                "load",
                                                "latency_seconds_sum"};
  const Series& series = series_[i];
  const size_t n = series.number;
  const size_t instance = n / kSeriesPerTarget;
  LabelSetBuilder labels;
  labels.Set(kMetricName, StrCat("bench_", kNames[static_cast<size_t>(series.kind)]));
  labels.Set("job", StrCat("job-", instance % 10));
  labels.Set("instance", StrCat("10.0.", instance / 250, ".", instance % 250, ":9100"));
  labels.Set("datacenter", instance % 2 == 0 ? "eu-central-1a" : "eu-central-1b");
  labels.Set("cluster", StrCat("cluster-", instance % 4));
  labels.Set("namespace", StrCat("namespace-", n / kSeriesPerGroup % 7));
  labels.Set("pod", StrCat("workload-", n / kSeriesPerGroup, "-", series.generation));
  labels.Set("device", StrCat("device", n % kSeriesPerGroup));
  labels.Set("item", StrCat("item-", n % kSeriesPerTarget / kSeriesPerGroup));
  if (series.kind == Kind::kBucket || series.kind == Kind::kIdleBucket) {
    labels.Set("le", kBounds[BucketOf(n)]);
    labels.Set("device", "all");
  } else {
    labels.Set("mode", n % 3 == 0 ? "read" : "write");
  }
  return labels.Build();
}

}  // namespace tidemark::bench
