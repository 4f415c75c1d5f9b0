#include "promql/exec/stored_range.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>

#include "base/model/staleness.h"
#include "base/run/cancellation.h"
#include "base/run/thread_pool.h"
#include "promql/functions/range_function.h"

namespace tidemark::promql {
namespace {

// Series in chunks, of which those without a NaN have a summary, as a store has them.
class ChunkedSeries : public tsdb::SeriesSet {
 public:
  ChunkedSeries(std::vector<LabelSet> labels, TimeRange asked,
                std::vector<std::vector<SampleColumns>> chunks)
      : labels_(std::move(labels)), asked_(asked), chunks_(std::move(chunks)) {}

  size_t size() const override { return labels_.size(); }
  std::string_view label_bytes(size_t i) const override { return labels_[i].bytes(); }
  absl::Status Read(size_t i, SampleColumns& out) const override {
    out.clear();
    for (const SampleColumns& chunk : chunks_[i]) MergeSamples(chunk, out);
    KeepRange(asked_, out);
    return absl::OkStatus();
  }
  absl::Status ReadSummaries(size_t i, std::vector<tsdb::ChunkSummary>& out) const override {
    out.clear();
    for (const SampleColumns& chunk : chunks_[i]) {
      const TimeRange range = {chunk.timestamps.front(), chunk.timestamps.back()};
      if (range.min < asked_.min || range.max > asked_.max) continue;
      tsdb::ChunkSummary s{.range = range,
                           .num_samples = static_cast<uint32_t>(chunk.size()),
                           .first = chunk.values.front(),
                           .last = chunk.values.back(),
                           .min = chunk.values.front(),
                           .max = chunk.values.front()};
      s.increase = s.last - s.first;
      double before = s.first;
      for (const double value : chunk.values) {
        s.sum += value;
        s.min = std::min(s.min, value);
        s.max = std::max(s.max, value);
        if (value < before) s.increase += before;
        before = value;
      }
      if (std::isfinite(s.sum)) out.push_back(s);
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<LabelSet> labels_;
  const TimeRange asked_;
  const std::vector<std::vector<SampleColumns>> chunks_;
};

// Counters with resets, gauges, constants, now and then NaN, staleness markers and huge values.
std::vector<SampleColumns> RandomChunks(std::mt19937& random) {
  std::vector<SampleColumns> chunks;
  const uint32_t shape = random() % 5;
  double value = random() % 1000;
  TimestampMs t = random() % kHour;
  for (uint32_t k = 0; k < 1 + random() % 6; ++k) {
    SampleColumns& chunk = chunks.emplace_back();
    for (uint32_t i = 0; i < 1 + random() % 200; ++i) {
      t += 1 + random() % (30 * kSecond);
      switch (shape) {
        case 0:
          value = random() % 40 == 0 ? 0 : value + random() % 100;
          break;
        case 1:
          value = static_cast<double>(random() % 2000) - 1000;
          break;
        case 2:
          value = static_cast<double>(random()) / 7;
          break;
        case 3:
          value = random() % 50 == 0 ? (random() % 2 == 0 ? 1e100 : -1e100) : random() % 10;
          break;
        default:
          break;
      }
      double stored = value;
      if (shape != 4 && random() % 300 == 0) stored = random() % 2 == 0 ? NAN : StaleMarker();
      chunk.push_back(t, stored);
    }
    if (random() % 3 == 0) t += random() % kHour;
  }
  return chunks;
}

TEST(StoredRangeTest, TotalsEqualWhatTheSamplesGive) {
  const uint32_t first_seed = std::random_device()();
  std::cout << "seed " << first_seed << "\n";
  ThreadPool pool(1);
  size_t num_known = 0;
  for (uint32_t round = 0; round < 400; ++round) {
    std::mt19937 random(first_seed + round);
    const DurationMs range = 30 * kMinute + random() % (6 * kHour);
    const TimestampMs through = kHour + random() % (5 * kHour);
    const RangeWindows windows = {EvalTimes::At(through), range, 0, std::nullopt};
    const auto series = std::make_shared<ChunkedSeries>(
        std::vector<LabelSet>{LabelSet()}, windows.Hull(),
        std::vector<std::vector<SampleColumns>>{RandomChunks(random)});
    const StoredRange stored(windows, series, std::nullopt);
    SampleColumns samples;
    ASSERT_TRUE(stored.Read(0, samples).ok());
    for (const char* name : {"avg_over_time", "count_over_time", "delta", "first_over_time",
                             "increase", "last_over_time", "max_over_time", "min_over_time",
                             "present_over_time", "rate", "sum_over_time"}) {
      const RangeFunction* function = FindRangeFunction(name);
      ASSERT_NE(function->of_totals, nullptr) << name;
      WindowTotals totals;
      const auto known = stored.ReadTotals(0, totals);
      ASSERT_TRUE(known.ok());
      if (!*known) continue;
      ASSERT_EQ(totals.count, samples.size());
      if (totals.count == 0) continue;
      const std::optional<double> got = function->of_totals(totals, windows);
      if (!got) continue;
      ++num_known;
      ColumnBatch batch;
      batch.Reset(1);
      const StepRow row = batch.Add({});
      function->evaluate({samples, windows, {}}, row);
      ASSERT_TRUE(row.Has(0)) << name << " round " << round;
      const double want = row.values[0];
      if (std::isnan(want)) {
        EXPECT_TRUE(std::isnan(*got)) << name << " round " << round;
      } else {
        EXPECT_NEAR(*got, want, 1e-9 * std::abs(want)) << name << " round " << round;
      }
    }
  }
  EXPECT_GT(num_known, 400u);
}

TEST(StoredRangeTest, DistinctWithoutNames) {
  ThreadPool pool(1);
  const Cancellation never;
  QueryContext query({}, never, pool);
  struct Case {
    std::string_view name;
    std::vector<LabelSet> labels;
    bool want;
  };
  const Case cases[] = {
      {"none", {}, true},
      {"other labels", {{{"__name__", "a"}, {"x", "1"}}, {{"__name__", "a"}, {"x", "2"}}}, true},
      {"only the name", {{{"__name__", "a"}, {"x", "1"}}, {{"__name__", "b"}, {"x", "1"}}}, false},
      {"one has no name",
       {{{"A", "1"}, {"__name__", "a"}, {"x", "1"}}, {{"A", "1"}, {"x", "1"}}},
       false},
      {"type and unit go with it",
       {{{"A", "1"}, {"__name__", "a"}, {"__type__", "gauge"}, {"__unit__", "s"}, {"x", "1"}},
        {{"A", "1"}, {"__unit__", "m"}, {"x", "1"}}},
       false},
      {"what lies between them stays",
       {{{"__name__", "a"}, {"__size__", "1"}, {"__type__", "gauge"}}, {{"__name__", "a"}}},
       true},
  };
  for (const Case& c : cases) {
    StoredRange stored(
        {EvalTimes::At(0), kMinute, 0, std::nullopt},
        std::make_shared<ChunkedSeries>(c.labels, TimeRange(),
                                        std::vector<std::vector<SampleColumns>>(c.labels.size())),
        std::nullopt);
    EXPECT_EQ(stored.DistinctWithoutNames(query), c.want) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::promql
