#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"

// What the store promises of native histograms beside what it promises of all samples: the model
// test has that.

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr TimestampMs kNow = 1'700'000'000'000;

HistogramSample Histogram(uint64_t count) {
  HistogramLayout layout;
  layout.positive_spans = {{0, 1}};
  HistogramSample sample;
  sample.layout = std::make_shared<const HistogramLayout>(layout);
  sample.count = count;
  sample.sum = static_cast<double>(count);
  sample.positive_counts = {count};
  return sample;
}

FloatHistogramSample FloatHistogram(double count) {
  HistogramColumns columns;
  columns.push_back(0, Histogram(1));
  FloatHistogramSample sample = ToFloatHistogram(columns[0]);
  sample.count = sample.sum = sample.positive_counts[0] = count;
  return sample;
}

class DbHistogramsTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    db_.reset();
    auto db = Db::Open(options_, clock_, metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
    appender_ = db_->NewAppender();
    series_ = *appender_->GetOrCreate({{"__name__", "m"}});
  }
  template <typename Value>
  void Append(TimestampMs t, Value value) {
    appender_->Append(series_, t, std::move(value));
  }
  std::vector<std::pair<size_t, RejectReason>> Commit(CommitMode mode = CommitMode::kPartial) {
    const auto result = appender_->Commit(mode);
    EXPECT_TRUE(result.ok()) << result.status();
    std::vector<std::pair<size_t, RejectReason>> rejected;
    for (const RejectedSample& r : result->rejected) rejected.emplace_back(r.index, r.reason);
    return rejected;
  }
  SampleColumns Read(bool newest = false) const {
    SampleColumns samples;
    const auto set = db_->NewQuerier()->Select({}, TimeRange());
    EXPECT_TRUE(set.ok());
    if (!set.ok() || (*set)->size() == 0) return samples;
    EXPECT_TRUE((newest ? (*set)->ReadNewest(0, samples) : (*set)->Read(0, samples)).ok());
    return samples;
  }

  const tidemark::testing::TempDirectory directory_;
  FakeClock clock_{kNow};
  MetricRegistry metrics_;
  Options options_{.path = directory_.path(), .out_of_order_window = 0, .checkpoint_bytes = 1};
  std::unique_ptr<Db> db_;
  std::unique_ptr<Appender> appender_;
  SeriesRef series_ = kNoSeries;
};

TEST_F(DbHistogramsTest, RejectedOnesAreCountedInOrderOfAppend) {
  Append(kNow, 1.0);
  Append(kNow + 1, Histogram(1));
  Append(kNow + 1, 2.0);                // 2: a float at the time of a histogram
  Append(kNow, Histogram(2));           // 3: too late
  Append(kNow + 1, Histogram(1));       // the same
  Append(kNow + 1, Histogram(2));       // 5
  Append(kNow + 1, FloatHistogram(1));  // 6: of another kind
  Append(kNow + 2, 3.0);
  Append(kNow + 2, Histogram(3));          // 8
  Append(kNow + kDay, FloatHistogram(1));  // 9
  EXPECT_THAT(Commit(),
              ElementsAre(Pair(2, RejectReason::kDuplicate), Pair(3, RejectReason::kOutOfOrder),
                          Pair(5, RejectReason::kDuplicate), Pair(6, RejectReason::kDuplicate),
                          Pair(8, RejectReason::kDuplicate), Pair(9, RejectReason::kOutOfBounds)));
  const SampleColumns samples = Read();
  EXPECT_THAT(samples.timestamps, ElementsAre(kNow, kNow + 2));
  EXPECT_THAT(samples.histograms.timestamps(), ElementsAre(kNow + 1));
  const std::string metrics = metrics_.Expose();
  for (const std::string_view line :
       {"prometheus_tsdb_head_samples_appended_total{type=\"histogram\"} 1\n",
        "prometheus_tsdb_head_samples_appended_total{type=\"float\"} 2\n",
        "prometheus_tsdb_out_of_order_samples_total{type=\"histogram\"} 1\n",
        "prometheus_tsdb_out_of_bound_samples_total{type=\"histogram\"} 1\n"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line;
  }
}

TEST_F(DbHistogramsTest, NothingOfARefusedBatchIsStored) {
  Append(kNow, Histogram(1));
  Append(kNow, 1.0);
  EXPECT_THAT(Commit(CommitMode::kAllOrNothing), ElementsAre(Pair(1, RejectReason::kDuplicate)));
  HistogramSample large = Histogram(1);
  HistogramLayout layout;
  layout.positive_spans = {{0, 20'000}};
  large.layout = std::make_shared<const HistogramLayout>(layout);
  large.positive_counts.assign(20'000, 1);
  Append(kNow, 1.0);
  Append(kNow + 1, large);
  EXPECT_TRUE(absl::IsInvalidArgument(appender_->Commit(CommitMode::kPartial).status()));
  EXPECT_FALSE(Read().has_samples());
  Append(kNow, 1.0);
  EXPECT_THAT(Commit(), ElementsAre());
}

// Prometheus's exporters and rules end a series with a float whatever it holds.
TEST_F(DbHistogramsTest, AStaleFloatEndsHistogramsAsOneOfThem) {
  for (const bool is_float : {false, true}) {
    const TimestampMs begin = kNow + (is_float ? 1000 : 0);
    is_float ? Append(begin, FloatHistogram(0.5)) : Append(begin, Histogram(1));
    EXPECT_THAT(Commit(), ElementsAre());
    if (is_float) {
      ASSERT_TRUE(db_->Maintain().ok());  // the checkpoint knows what the series ends in
    }
    Open();
    Append(begin + 1, StaleMarker());
    Append(begin + 1, StaleMarker());
    EXPECT_THAT(Commit(), ElementsAre());
    Append(begin + 1, StaleMarker());
    EXPECT_THAT(Commit(), ElementsAre());
    for (int round = 0; round < 2; ++round) {
      const SampleColumns samples = Read();
      EXPECT_TRUE(samples.empty());
      const HistogramColumns& histograms = samples.histograms;
      ASSERT_EQ(histograms.size(), is_float ? 4u : 2u);
      const HistogramView stale = histograms[histograms.size() - 1];
      EXPECT_TRUE(IsStaleMarker(stale.sum));
      EXPECT_EQ(stale.is_float, is_float);
      EXPECT_EQ(stale.count, 0);
      EXPECT_TRUE(stale.positive_counts.empty());
      Open();
    }
  }
}

TEST_F(DbHistogramsTest, CountsThatDoublesDoNotHoldMakeFloatHistograms) {
  Append(kNow, Histogram(kMaxExactCount));
  Append(kNow + 1, Histogram(kMaxExactCount + 2));
  EXPECT_THAT(Commit(), ElementsAre());
  Open();
  const HistogramColumns histograms = Read().histograms;
  ASSERT_EQ(histograms.size(), 2u);
  EXPECT_FALSE(histograms[0].is_float);
  EXPECT_TRUE(histograms[1].is_float);
  EXPECT_EQ(histograms[1].count, static_cast<double>(kMaxExactCount + 2));
}

TEST_F(DbHistogramsTest, TheNewestIsOfEitherKindWhereverItIs) {
  const auto newest = [&] {
    const SampleColumns samples = Read(/*newest=*/true);
    EXPECT_EQ(samples.num_samples(), 1u);
    return std::pair(samples.Extent().max, samples.empty());
  };
  Append(kNow, Histogram(1));
  EXPECT_THAT(Commit(), ElementsAre());
  EXPECT_EQ(newest(), std::pair(kNow, true));
  Append(kNow + 1, 1.0);
  EXPECT_THAT(Commit(), ElementsAre());
  EXPECT_EQ(newest(), std::pair(kNow + 1, false));
  // Blocks take all but the newest one, and later that too.
  for (const TimestampMs later : {kNow + 4 * kHour, kNow + 8 * kHour}) {
    clock_.Advance(4 * kHour);
    Append(later, Histogram(2));
    EXPECT_THAT(Commit(), ElementsAre());
    ASSERT_TRUE(db_->Maintain().ok());
    EXPECT_EQ(newest(), std::pair(later, true));
  }
  EXPECT_FALSE(db_->Blocks().empty());
  const SampleColumns samples = Read();
  EXPECT_THAT(samples.timestamps, ElementsAre(kNow + 1));
  EXPECT_THAT(samples.histograms.timestamps(),
              ElementsAre(kNow, kNow + 4 * kHour, kNow + 8 * kHour));
}

}  // namespace
}  // namespace tidemark::tsdb
