#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/db.h"
#include "tsdb/storage_format.h"

// Exemplars in a store on disk: journaled with their batch, there again after a restart.

namespace tidemark::tsdb {
namespace {

class DbExemplarsTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open(size_t max_exemplars = 100) {
    db_.reset();
    options_.max_exemplars = max_exemplars;
    metrics_ = std::make_unique<MetricRegistry>();
    auto db = Db::Open(options_, clock_, *metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
  }

  // A sample of the series `name` at that time with an exemplar.
  void Append(std::string_view name, TimestampMs time, CommitMode mode = CommitMode::kPartial) {
    const auto appender = db_->NewAppender();
    const SeriesRef ref = *appender->GetOrCreate({{"__name__", name}});
    appender->Append(ref, time, static_cast<double>(time));
    appender->AppendExemplar(ref, {.labels = {{"trace", name}}, .value = 1, .timestamp = time});
    ASSERT_TRUE(appender->Commit(mode).ok());
  }

  // "a: 1 2; b: 3", the times of what is stored.
  std::string Text() {
    std::string text;
    const std::vector<std::vector<LabelMatcher>> all(1);
    const auto series = db_->Exemplars(all, {});
    EXPECT_TRUE(series.ok());
    for (const SeriesExemplars& found : *series) {
      StrAppend(&text, text.empty() ? "" : "; ", found.labels.metric_name(), ":");
      for (const Exemplar& e : found.exemplars) {
        EXPECT_EQ(e.labels.Get("trace"), found.labels.metric_name());
        StrAppend(&text, " ", e.timestamp);
      }
    }
    return text;
  }

  testing::TempDirectory directory_;
  FakeClock clock_{kHour};
  Options options_{.path = directory_.path(), .checkpoint_bytes = 1};
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<Db> db_;
};

TEST_F(DbExemplarsTest, AreThereAfterARestart) {
  Append("a", 1000);
  Append("b", 1000);
  Append("a", 2000);
  EXPECT_EQ(Text(), "a: 1000 2000; b: 1000");
  Open();
  EXPECT_EQ(Text(), "a: 1000 2000; b: 1000") << "from the journal";
  ASSERT_TRUE(db_->Maintain().ok());
  Append("b", 3000);
  Open();
  EXPECT_EQ(Text(), "a: 1000 2000; b: 1000 3000") << "from a checkpoint and the journal";
  ASSERT_TRUE(db_->Maintain().ok());
  Open(2);
  EXPECT_EQ(Text(), "a: 2000; b: 3000");
  db_->ResizeExemplars(1);
  EXPECT_EQ(Text(), "b: 3000");
}

TEST_F(DbExemplarsTest, NothingIsKeptUnlessAsked) {
  Open(0);
  Append("a", 1000);
  EXPECT_EQ(Text(), "");
  Open(100);
  EXPECT_EQ(Text(), "") << "nor journaled";
}

TEST_F(DbExemplarsTest, GoWithTheirBatch) {
  Append("a", 2000);
  Append("a", 1000, CommitMode::kAllOrNothing);  // too late by 1 s is fine, an hour is allowed
  const auto appender = db_->NewAppender();
  const SeriesRef ref = *appender->GetOrCreate({{"__name__", "a"}});
  const Exemplar exemplar{.labels = {{"trace", "a"}}, .value = 1, .timestamp = 3000};
  appender->Append(ref, 2000, 7);  // another value at the time of a stored one
  EXPECT_EQ(appender->AppendExemplar(ref, exemplar), ExemplarVerdict::kTaken);
  ASSERT_TRUE(appender->Commit(CommitMode::kAllOrNothing).ok());
  EXPECT_EQ(Text(), "a: 2000");
  EXPECT_EQ(appender->AppendExemplar(ref, exemplar), ExemplarVerdict::kTaken);
  appender->Rollback();
  ASSERT_TRUE(appender->Commit(CommitMode::kPartial).ok());
  EXPECT_EQ(Text(), "a: 2000");
  EXPECT_EQ(appender->AppendExemplar(ref, exemplar), ExemplarVerdict::kTaken);
  ASSERT_TRUE(appender->Commit(CommitMode::kPartial).ok()) << "by itself";
  EXPECT_EQ(Text(), "a: 2000 3000");
  EXPECT_EQ(appender->AppendExemplar(ref, exemplar), ExemplarVerdict::kIgnored);
  Open();
  EXPECT_EQ(Text(), "a: 2000 3000");
}

TEST_F(DbExemplarsTest, ADamagedFileIsSetAside) {
  Append("a", 1000);
  ASSERT_TRUE(db_->Maintain().ok());
  Append("a", 2000);
  db_.reset();
  std::ofstream(StrCat(directory_.path(), "/", kExemplarsFile), std::ios::app) << "x";
  Open();
  EXPECT_EQ(Text(), "a: 2000") << "what the journal has";
  EXPECT_NE(metrics_->Expose().find("tidemark_tsdb_files_damaged_total{part=\"directory\"} 1"),
            std::string::npos);
}

}  // namespace
}  // namespace tidemark::tsdb
