#include "base/model/histogram_reset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

namespace tidemark {
namespace {

struct Histogram {
  HistogramLayout layout;
  double count = 0, zero_count = 0;
  std::vector<double> positive, negative;
  CounterResetHint hint = CounterResetHint::kUnknown;
};

HistogramLayout Exponential(int32_t schema, double zero_threshold, std::vector<BucketSpan> positive,
                            std::vector<BucketSpan> negative = {}) {
  return {schema, zero_threshold, std::move(positive), std::move(negative), {}};
}
HistogramLayout Custom(std::vector<double> bounds, std::vector<BucketSpan> spans) {
  return {kCustomBucketsSchema, 0, std::move(spans), {}, std::move(bounds)};
}

bool IsReset(const Histogram& now, const Histogram& before) {
  const auto sample = [](const Histogram& h) {
    FloatHistogramSample s;
    s.layout = std::make_shared<const HistogramLayout>(h.layout);
    s.counter_reset_hint = h.hint;
    s.count = h.count;
    s.zero_count = h.zero_count;
    s.positive_counts = h.positive;
    s.negative_counts = h.negative;
    return s;
  };
  const FloatHistogramSample a = sample(now), b = sample(before);
  return IsCounterReset(ViewOf(a), ViewOf(b));
}

TEST(HistogramResetTest, Table) {
  using enum CounterResetHint;
  const HistogramLayout plain = Exponential(0, 0, {{1, 2}}, {{1, 1}});
  struct Case {
    const char* what;
    Histogram before, now;
    bool reset;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"same", {plain, 4, 0, {1, 2}, {1}}, {plain, 4, 0, {1, 2}, {1}}, false},
           {"more", {plain, 4, 0, {1, 2}, {1}}, {plain, 7, 0, {2, 3}, {2}}, false},
           {"count", {plain, 4, 0, {1, 2}, {1}}, {plain, 3, 0, {1, 2}, {1}}, true},
           {"positive", {plain, 4, 0, {1, 2}, {1}}, {plain, 9, 0, {9, 1}, {1}}, true},
           {"negative", {plain, 4, 0, {1, 2}, {1}}, {plain, 9, 0, {9, 9}, {0}}, true},
           {"zero", {plain, 4, 2, {1, 2}, {1}}, {plain, 9, 1, {9, 9}, {9}}, true},
           {"hint reset",
            {plain, 4, 0, {1, 2}, {1}},
            {plain, 9, 0, {9, 9}, {9}, kCounterReset},
            true},
           {"hint none",
            {plain, 4, 0, {1, 2}, {1}},
            {plain, 0, 0, {0, 0}, {0}, kNotCounterReset},
            false},
           {"gauge", {plain, 4, 0, {1, 2}, {1}}, {plain, 0, 0, {0, 0}, {0}, kGauge}, true},
           {"new bucket",
            {plain, 4, 0, {1, 2}, {1}},
            {Exponential(0, 0, {{0, 3}}, {{1, 1}}), 9, 0, {5, 1, 2}, {1}},
            false},
           {"bucket gone",
            {plain, 4, 0, {1, 2}, {1}},
            {Exponential(0, 0, {{1, 1}}, {{1, 1}}), 9, 0, {8}, {1}},
            true},
           {"empty bucket gone",
            {plain, 4, 0, {1, 0}, {1}},
            {Exponential(0, 0, {{1, 1}}, {{1, 1}}), 9, 0, {8}, {1}},
            false},
           {"all gone", {plain, 0, 0, {1, 0}, {1}}, {Exponential(0, 0, {}), 9, 0, {}, {}}, true},
           {"higher resolution",
            {plain, 0, 0, {0, 0}, {0}},
            {Exponential(1, 0, {}), 9, 0, {}, {}},
            true},
           {"lower resolution",
            {plain, 4, 0, {1, 2}, {1}},
            {Exponential(-1, 0, {{1, 1}}, {{1, 1}}), 4, 0, {3}, {1}},
            false},
           {"lower resolution, fewer",
            {plain, 4, 0, {1, 2}, {1}},
            {Exponential(-1, 0, {{1, 1}}, {{1, 1}}), 4, 0, {2}, {1}},
            true},
           {"smaller zero bucket",
            {Exponential(0, 0.5, {}), 0, 0, {}, {}},
            {Exponential(0, 0.25, {}), 9, 9, {}, {}},
            true},
           {"larger zero bucket",
            {Exponential(0, 0.5, {{0, 2}}), 6, 1, {2, 3}, {}},
            {Exponential(0, 1, {{1, 1}}), 6, 3, {3}, {}},
            false},
           {"larger zero bucket, fewer",
            {Exponential(0, 0.5, {{0, 2}}), 6, 1, {2, 3}, {}},
            {Exponential(0, 1, {{1, 1}}), 6, 2, {4}, {}},
            true},
           {"zero bucket ends in a bucket",
            {Exponential(0, 0.5, {{0, 2}}), 6, 1, {2, 3}, {}},
            {Exponential(0, 0.75, {{1, 1}}), 9, 9, {9}, {}},
            true},
           {"zero bucket ends in an empty bucket",
            {Exponential(0, 0.5, {{0, 2}}), 6, 1, {0, 3}, {}},
            {Exponential(0, 0.75, {{1, 1}}), 9, 9, {9}, {}},
            false},
           {"custom",
            {Custom({5}, {{0, 2}}), 3, 0, {1, 2}, {}},
            {Custom({5}, {{0, 2}}), 4, 0, {1, 3}, {}},
            false},
           {"custom, fewer",
            {Custom({5}, {{0, 2}}), 3, 0, {1, 2}, {}},
            {Custom({5}, {{0, 2}}), 4, 0, {4, 0}, {}},
            true},
           {"custom spans",
            {Custom({5}, {{0, 2}}), 3, 0, {0, 2}, {}},
            {Custom({5}, {{1, 1}}), 4, 0, {4}, {}},
            false},
           {"shared bounds",
            {Custom({2, 4, 6}, {{0, 4}}), 15, 0, {1, 2, 5, 7}, {}},
            {Custom({2, 3, 4, 6}, {{0, 5}}), 16, 0, {1, 1, 1, 6, 7}, {}},
            false},
           {"shared bounds, fewer",
            {Custom({2, 4, 6}, {{0, 4}}), 15, 0, {1, 2, 5, 7}, {}},
            {Custom({2, 3, 4, 6}, {{0, 5}}), 15, 0, {1, 0, 1, 5, 8}, {}},
            true},
           {"no shared bounds",
            {Custom({2}, {{0, 2}}), 3, 0, {1, 2}, {}},
            {Custom({}, {{0, 1}}), 3, 0, {3}, {}},
            false},
           {"custom to exponential",
            {Custom({2}, {}), 0, 0, {}, {}},
            {plain, 9, 9, {9, 9}, {9}},
            true},
           {"exponential to custom",
            {plain, 0, 0, {0, 0}, {0}},
            {Custom({2}, {{0, 2}}), 9, 0, {9, 9}, {}},
            true},
       }) {
    EXPECT_EQ(IsReset(c.now, c.before), c.reset) << c.what;
  }
}

}  // namespace
}  // namespace tidemark
