// Any query gives a value or an error within its limits, never a crash, as an instant and as a
// range query, and the same bits whether one thread works on it or several.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

#include "base/metrics.h"
#include "base/model/staleness.h"
#include "base/run/cancellation.h"
#include "base/run/clock.h"
#include "base/run/thread_pool.h"
#include "base/strings.h"
#include "promql/engine.h"
#include "promql/query.h"
#include "tests/testing/memory_store.h"

namespace tidemark {
namespace {

constexpr DurationMs kInterval = 15 * kSecond;
constexpr int kNumSamples = 40;  // ten minutes
constexpr DurationMs kTimeLimit = 2 * kSecond;

void AddSeries(testing::MemoryStore& store, std::string_view name, std::string_view job,
               std::string_view le, int seed) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const LabelSet labels = {{"__name__", name}, {"job", job}, {"le", le}};
  for (int i = 0; i < kNumSamples; ++i) {
    const int place = (i + seed) % 13;
    double value = (i * 7 + seed * 5) % 24 / 8.0;
    if (place == 4) continue;
    if (place == 7 && seed % 3 == 0) value = StaleMarker();
    if (place == 9 && seed % 4 == 1) value = seed % 8 == 1 ? kInfinity : NAN;
    store.Add(labels, i * kInterval, value);
  }
}

const tsdb::Queryable& Store() {
  static const testing::MemoryStore* const store = [] {
    auto* filled = new testing::MemoryStore;
    int seed = 0;
    for (const std::string_view job : {"a", "b", "c"}) {
      for (const std::string_view name : {"a", "b_total", "d"}) {
        AddSeries(*filled, name, job, "", ++seed);
      }
      for (const std::string_view le : {"0.5", "1", "+Inf", "x"}) {
        AddSeries(*filled, "c_bucket", job, le, ++seed);
      }
    }
    return filled;
  }();
  return *store;
}

void AppendValue(double value, std::string* text) {
  text->append(StrCat(std::bit_cast<uint64_t>(value), " "));
}

// All bits of a result.
std::string TextOf(const absl::StatusOr<promql::QueryResult>& result) {
  if (!result.ok()) return result.status().ToString();
  std::string text;
  if (const auto* scalar = std::get_if<promql::ScalarValue>(&result->value)) {
    AppendValue(scalar->value, &text);
  } else if (const auto* vector = std::get_if<promql::InstantVector>(&result->value)) {
    for (const promql::VectorSample& sample : *vector) {
      text.append(sample.labels.bytes());
      AppendValue(sample.value, &text);
    }
  } else if (const auto* matrix = std::get_if<promql::Matrix>(&result->value)) {
    for (const promql::Series& series : *matrix) {
      text.append(series.labels.bytes());
      for (const Sample& sample : series.samples) AppendValue(sample.value, &text);
    }
  }
  for (const std::string& warning : result->annotations.warnings()) text.append(warning);
  for (const std::string& info : result->annotations.infos()) text.append(info);
  return text;
}

// An engine with so many threads, under limits that a small query keeps to.
class LimitedEngine {
 public:
  explicit LimitedEngine(size_t num_threads)
      : pool_(num_threads),
        engine_({.max_samples = 1'000'000,
                 .max_memory_bytes = 32 << 20,
                 .max_total_memory_bytes = 32 << 20},
                pool_, metrics_) {}

  absl::StatusOr<promql::QueryResult> Instant(const promql::Query& query) {
    const Cancellation limit(Clock::Real(), Clock::Real().Now() + kTimeLimit);
    return engine_.Instant(query, *Store().NewQuerier(), 5 * kMinute + 1, limit);
  }
  absl::StatusOr<promql::QueryResult> Range(const promql::Query& query) {
    const Cancellation limit(Clock::Real(), Clock::Real().Now() + kTimeLimit);
    return engine_.Range(query, *Store().NewQuerier(), {-kMinute, 15 * kMinute, 50 * kSecond},
                         limit);
  }

 private:
  MetricRegistry metrics_;
  ThreadPool pool_;
  promql::Engine engine_;
};

bool IsTimeUp(const absl::StatusOr<promql::QueryResult>& result) {
  return absl::IsDeadlineExceeded(result.status());
}

void ExpectSame(const absl::StatusOr<promql::QueryResult>& alone,
                const absl::StatusOr<promql::QueryResult>& shared) {
  if (IsTimeUp(alone) || IsTimeUp(shared)) return;
  const std::string left = TextOf(alone), right = TextOf(shared);
  if (left == right) return;
  std::fprintf(stderr, "one thread:      %s\nseveral threads: %s\n", left.c_str(), right.c_str());
  __builtin_trap();
}

}  // namespace
}  // namespace tidemark

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tidemark::LimitedEngine;
  using tidemark::promql::Query;
  constexpr tidemark::promql::ParserOptions kAllFeatures = {.experimental_functions = true,
                                                            .extended_range_selectors = true,
                                                            .binop_fill_modifiers = true};
  static LimitedEngine* const alone = new LimitedEngine(0);
  static LimitedEngine* const shared = new LimitedEngine(2);
  const auto query =
      Query::Parse(std::string_view(reinterpret_cast<const char*>(data), size), kAllFeatures);
  if (!query.ok()) return 0;
  tidemark::ExpectSame(alone->Instant(*query), shared->Instant(*query));
  tidemark::ExpectSame(alone->Range(*query), shared->Range(*query));
  return 0;
}
