#include "tsdb/db.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/file_size_limit.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tidemark::testing::TempDirectory;

constexpr TimestampMs kNow = 1'700'000'000'000;

struct Stored {
  std::string labels;
  std::vector<std::pair<TimestampMs, double>> samples;
  friend bool operator==(const Stored&, const Stored&) = default;
};
void PrintTo(const Stored& s, std::ostream* os) {
  *os << s.labels;
  for (const auto& [t, v] : s.samples) *os << " " << v << "@" << t;
}

class DbTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    db_.reset();
    metrics_ = std::make_unique<MetricRegistry>();
    auto db = Db::Open(options_, clock_, *metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
  }

  // Commits samples of one series.
  CommitResult Append(const LabelSet& labels,
                      const std::vector<std::pair<TimestampMs, double>>& samples,
                      CommitMode mode = CommitMode::kPartial) {
    const auto appender = db_->NewAppender();
    const SeriesRef ref = *appender->GetOrCreate(labels);
    for (const auto& [t, v] : samples) appender->Append(ref, t, v);
    const auto result = appender->Commit(mode);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : CommitResult();
  }

  std::vector<Stored> All(TimeRange range = {}, std::vector<LabelMatcher> matchers = {}) {
    return Contents(*db_->NewQuerier(), range, matchers);
  }
  static std::vector<Stored> Contents(const Querier& querier, TimeRange range,
                                      const std::vector<LabelMatcher>& matchers) {
    std::vector<Stored> found;
    const auto set = querier.Select(matchers, range);
    EXPECT_TRUE(set.ok()) << set.status();
    for (size_t i = 0; i < (*set)->size(); ++i) found.push_back(Content(**set, i));
    return found;
  }
  static Stored Content(const SeriesSet& set, size_t i) {
    Stored s{set.labels(i).ToString(), {}};
    SampleColumns columns;
    EXPECT_TRUE(set.Read(i, columns).ok());
    for (size_t k = 0; k < columns.size(); ++k) {
      s.samples.emplace_back(columns.timestamps[k], columns.values[k]);
    }
    return s;
  }

  TempDirectory directory_;
  FakeClock clock_{kNow};
  Options options_{.path = directory_.path() + "/data"};
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<Db> db_;
};

TEST_F(DbTest, StoresAndFinds) {
  Append({{"__name__", "b"}}, {{kNow, 1}, {kNow + 1000, 2}});
  Append({{"__name__", "a"}, {"job", "x"}}, {{kNow, 3}});
  EXPECT_THAT(All(), ElementsAre(Stored{"a{job=\"x\"}", {{kNow, 3}}},
                                 Stored{"b", {{kNow, 1}, {kNow + 1000, 2}}}));
  EXPECT_THAT(All({kNow + 1, kNow + 2000}), ElementsAre(Stored{"b", {{kNow + 1000, 2}}}));
  EXPECT_THAT(All({}, {LabelMatcher::Equal("job", "x")}),
              ElementsAre(Stored{"a{job=\"x\"}", {{kNow, 3}}}));
  const auto querier = db_->NewQuerier();
  EXPECT_THAT(*querier->LabelNames({}, {}), ElementsAre("__name__", "job"));
  EXPECT_THAT(*querier->LabelValues("__name__", {}, {}), ElementsAre("a", "b"));
  EXPECT_THAT(*querier->LabelValues("__name__", {}, {kNow + 1, kNow + 5000}), ElementsAre("b"));
}

TEST_F(DbTest, LosesNothingOnRestart) {
  for (int i = 0; i < 300; ++i) {  // more than two chunks
    Append({{"__name__", "a"}}, {{kNow + i * 1000, i * 0.5}});
  }
  Append({{"__name__", "b"}}, {{kNow, StaleMarker()}});
  Append({{"__name__", "a"}}, {{kNow + 500, -1}});  // out of order
  const std::vector<Stored> before = All({}, {LabelMatcher::Equal("__name__", "a")});
  ASSERT_EQ(before.at(0).samples.size(), 301u);
  const HeadStats stats = db_->Stats();
  Open();
  EXPECT_EQ(All({}, {LabelMatcher::Equal("__name__", "a")}), before);
  const auto b = All({}, {LabelMatcher::Equal("__name__", "b")});
  ASSERT_EQ(b.size(), 1u);
  EXPECT_TRUE(IsStaleMarker(b[0].samples.at(0).second));
  EXPECT_EQ(db_->Stats().num_samples, stats.num_samples);
  EXPECT_EQ(db_->Stats().num_series, 2u);
  // What was there is still known, and the old numbers go on.
  EXPECT_EQ(Append({{"__name__", "a"}}, {{kNow, 0}, {kNow + 400'000, 7}}).stored, 1u);
}

TEST_F(DbTest, DecidesOnEachSample) {
  options_.out_of_order_window = 10 * kSecond;
  options_.retention = kHour;
  Open();
  const LabelSet a{{"__name__", "a"}};
  Append(a, {{kNow, 1}});
  struct Case {
    std::string_view name;
    TimestampMs t;
    double value;
    size_t stored;
    std::vector<RejectReason> rejected;
  };
  const Case kCases[] = {
      {"same again", kNow, 1, 0, {}},
      {"another value", kNow, 2, 0, {RejectReason::kDuplicate}},
      {"late, within the window", kNow - 5000, 5, 1, {}},
      {"late, the same again", kNow - 5000, 5, 0, {}},
      {"late, another value", kNow - 5000, 6, 0, {RejectReason::kDuplicate}},
      {"at the edge of the window", kNow - 10'000, 5, 1, {}},
      {"behind the window", kNow - 10'001, 5, 0, {RejectReason::kTooOld}},
      {"at the edge of the future", kNow + options_.max_future, 5, 1, {}},
      {"too far ahead", kNow + options_.max_future + 1, 5, 0, {RejectReason::kOutOfBounds}},
  };
  for (const Case& c : kCases) {
    const CommitResult result = Append(a, {{c.t, c.value}});
    EXPECT_EQ(result.stored, c.stored) << c.name;
    std::vector<RejectReason> reasons;
    for (const RejectedSample& r : result.rejected) reasons.push_back(r.reason);
    EXPECT_EQ(reasons, c.rejected) << c.name;
  }
  // Another series may be older than the newest sample of all, but not beyond retention.
  const TimestampMs newest = kNow + options_.max_future;
  EXPECT_EQ(Append({{"__name__", "b"}}, {{newest - kHour, 1}}).stored, 1u);
  EXPECT_EQ(Append({{"__name__", "c"}}, {{newest - kHour - 1, 1}}).rejected.at(0).reason,
            RejectReason::kOutOfBounds);
}

TEST_F(DbTest, WithoutAWindowLateSamplesAreOutOfOrder) {
  options_.out_of_order_window = 0;
  Open();
  const CommitResult result = Append({{"__name__", "a"}}, {{kNow, 1}, {kNow - 1, 1}, {kNow, 1}});
  EXPECT_EQ(result.stored, 1u);
  ASSERT_EQ(result.rejected.size(), 1u);
  EXPECT_EQ(result.rejected[0].index, 1u);
  EXPECT_EQ(result.rejected[0].reason, RejectReason::kOutOfOrder);
}

TEST_F(DbTest, AnEmptyStoreTakesAnyAge) {
  EXPECT_EQ(Append({{"__name__", "a"}}, {{-5000, 1}, {0, 2}, {1, 3}}).stored, 3u);
  EXPECT_EQ(Append({{"__name__", "b"}}, {{0, 2}}).stored, 1u);
  EXPECT_THAT(All({0, 0}), ElementsAre(Stored{"a", {{0, 2}}}, Stored{"b", {{0, 2}}}));
}

TEST_F(DbTest, OneBatchMayHoldManySamplesOfASeries) {
  const CommitResult result = Append({{"__name__", "a"}}, {{kNow, 1},
                                                           {kNow + 2, 2},
                                                           {kNow + 1, 3},
                                                           {kNow + 1, 3},
                                                           {kNow + 1, 4},
                                                           {kNow, 1},
                                                           {kNow, 9}});
  EXPECT_EQ(result.stored, 3u);
  ASSERT_EQ(result.rejected.size(), 2u);
  EXPECT_EQ(result.rejected[0].index, 4u);
  EXPECT_EQ(result.rejected[1].index, 6u);
  EXPECT_THAT(All(), ElementsAre(Stored{"a", {{kNow, 1}, {kNow + 1, 3}, {kNow + 2, 2}}}));
}

TEST_F(DbTest, AllOrNothingStoresNothingWhereOneIsRejected) {
  Append({{"__name__", "a"}}, {{kNow, 1}});
  const CommitResult result =
      Append({{"__name__", "a"}}, {{kNow + 1, 1}, {kNow, 2}}, CommitMode::kAllOrNothing);
  EXPECT_EQ(result.stored, 0u);
  EXPECT_EQ(result.rejected.size(), 1u);
  EXPECT_THAT(All(), ElementsAre(Stored{"a", {{kNow, 1}}}));
  // The rejected batch left no trace: its first sample is new again.
  EXPECT_EQ(Append({{"__name__", "a"}}, {{kNow + 1, 5}}, CommitMode::kAllOrNothing).stored, 1u);
}

TEST_F(DbTest, AnAppenderDroppedOrRolledBackLeavesNothing) {
  {
    const auto appender = db_->NewAppender();
    appender->Append(*appender->GetOrCreate({{"__name__", "a"}}), kNow, 1);
    appender->Rollback();
    EXPECT_EQ(appender->Commit(CommitMode::kPartial)->stored, 0u);
    appender->Append(*appender->GetOrCreate({{"__name__", "b"}}), kNow, 1);
  }
  EXPECT_THAT(All(), IsEmpty());
  EXPECT_THAT(*db_->NewQuerier()->LabelNames({}, {}), IsEmpty());
  EXPECT_EQ(db_->Stats().num_series, 0u);
}

TEST_F(DbTest, FindsSeriesByRawKey) {
  const Hash128 key = SeededHash128("raw bytes");
  const auto appender = db_->NewAppender();
  EXPECT_EQ(appender->Find(key), kNoSeries);
  const SeriesRef ref = *appender->GetOrCreate({{"__name__", "a"}}, &key);
  EXPECT_EQ(appender->Find(key), ref);
  EXPECT_EQ(*appender->GetOrCreate({{"__name__", "a"}}), ref);
  EXPECT_TRUE(absl::IsInvalidArgument(appender->GetOrCreate({}).status()));
}

// The labels must be in the journal with the first batch that is acknowledged, whoever made them.
TEST_F(DbTest, ASeriesMadeByAnUncommittedAppenderSurvives) {
  const auto maker = db_->NewAppender();
  const SeriesRef ref = *maker->GetOrCreate({{"__name__", "a"}});
  const auto user = db_->NewAppender();
  user->Append(ref, kNow, 1);
  ASSERT_EQ(user->Commit(CommitMode::kPartial)->stored, 1u);
  Open();
  EXPECT_THAT(All(), ElementsAre(Stored{"a", {{kNow, 1}}}));
}

TEST_F(DbTest, ASelectionStaysAsItWas) {
  const LabelSet a{{"__name__", "a"}};
  for (int i = 0; i < 100; ++i) Append(a, {{kNow + i * 1000, double(i)}});
  Append(a, {{kNow + 1, 0.5}});
  const auto querier = db_->NewQuerier();
  const auto set = querier->Select({}, TimeRange());
  const Stored before = Content(**set, 0);
  EXPECT_EQ(before.samples.size(), 101u);
  for (int i = 100; i < 400; ++i) Append(a, {{kNow + i * 1000, double(i)}});  // seals chunks
  Append(a, {{kNow + 2, 0.5}});
  EXPECT_EQ(Content(**set, 0), before);
}

TEST_F(DbTest, RetentionCountsFromTheNewestSample) {
  options_.retention = kHour;
  Open();
  const LabelSet gone{{"__name__", "gone"}}, stays{{"__name__", "stays"}};
  const TimestampMs old = kNow - 10 * kDay;
  for (int i = 0; i < 200; ++i) Append(gone, {{old + i, 1}});
  for (int i = 0; i < 200; ++i) Append(stays, {{old + i, 1}});
  EXPECT_EQ(All().size(), 2u);
  Append(stays, {{kNow, 2}});
  // The maintenance thread wakes, even where it has only begun to wait.
  while (db_->Stats().num_series != 1) {
    clock_.Advance(kMinute);
    std::this_thread::yield();
  }
  const auto left = All();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].labels, "stays");
  EXPECT_EQ(left[0].samples.back().second, 2);
  EXPECT_THAT(*db_->NewQuerier()->LabelValues("__name__", {}, {}), ElementsAre("stays"));
  // The series may come back.
  EXPECT_EQ(Append(gone, {{kNow, 3}}).stored, 1u);
  EXPECT_EQ(All().size(), 2u);
}

TEST_F(DbTest, TheDirectoryIsLocked) {
  MetricRegistry metrics;
  const auto second = Db::Open(options_, clock_, metrics);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
}

TEST_F(DbTest, ANewerFormatIsRefused) {
  db_.reset();
  std::ofstream(options_.path + "/format") << "tidemark storage 2 2\n";
  const auto db = Db::Open(options_, clock_, *metrics_);
  EXPECT_TRUE(absl::IsFailedPrecondition(db.status())) << db.status();
}

TEST_F(DbTest, AfterCloseCommitsFail) {
  Append({{"__name__", "a"}}, {{kNow, 1}});
  const auto appender = db_->NewAppender();
  appender->Append(*appender->GetOrCreate({{"__name__", "a"}}), kNow + 1, 1);
  ASSERT_TRUE(db_->Close().ok());
  EXPECT_TRUE(absl::IsUnavailable(appender->Commit(CommitMode::kPartial).status()));
  EXPECT_THAT(All(), ElementsAre(Stored{"a", {{kNow, 1}}}));
}

TEST_F(DbTest, AFailedWriteLeavesNothingVisible) {
  const LabelSet a{{"__name__", "a"}};
  Append(a, {{kNow, 1}});
  const auto appender = db_->NewAppender();
  size_t num_stored = 1;
  {
    const tidemark::testing::FileSizeLimit limit(256 << 10);
    absl::Status status;
    for (TimestampMs t = kNow + 1; status.ok(); t += 2000) {
      for (int i = 0; i < 2000; ++i) appender->Append(*appender->GetOrCreate(a), t + i, 1);
      const auto result = appender->Commit(CommitMode::kPartial);
      status = result.status();
      if (result.ok()) num_stored += result->stored;
    }
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    ASSERT_EQ(All().size(), 1u);
    EXPECT_EQ(All()[0].samples.size(), num_stored);
  }
  // Once there is space again the store goes on, and a new series is still named in the journal.
  const TimestampMs next = All()[0].samples.back().first + 1;
  EXPECT_EQ(Append(a, {{next, 2}}).stored, 1u);
  EXPECT_EQ(Append({{"__name__", "b"}}, {{next, 3}}).stored, 1u);
  const auto before = All();
  Open();
  EXPECT_EQ(All(), before);
}

TEST_F(DbTest, ExposesPrometheusMetrics) {
  Append({{"__name__", "a"}}, {{kNow, 1}, {kNow, 2}});
  const std::string text = metrics_->Expose();
  for (const std::string_view line : {
           "prometheus_tsdb_head_series 1",
           "prometheus_tsdb_head_chunks 1",
           "prometheus_tsdb_head_samples_appended_total{type=\"float\"} 1",
           "prometheus_tsdb_wal_corruptions_total 0",
       }) {
    EXPECT_THAT(text, ::testing::HasSubstr(std::string(line)));
  }
}

TEST_F(DbTest, EveryFsyncPolicyStores) {
  for (const FsyncPolicy policy :
       {FsyncPolicy::kEveryBatch, FsyncPolicy::kInterval, FsyncPolicy::kNever}) {
    options_.fsync = policy;
    Open();
    const LabelSet labels{{"policy", StrCat(static_cast<int>(policy))}};
    EXPECT_EQ(Append(labels, {{kNow, 1}}).stored, 1u);
    EXPECT_EQ(Append(labels, {{kNow, 1}}).stored, 0u);
  }
  Open();
  EXPECT_EQ(All().size(), 3u);
}

}  // namespace
}  // namespace tidemark::tsdb
