#include "cmd/tidemark/deferred_db.h"

#include <gtest/gtest.h>

#include "tests/testing/temp_directory.h"

namespace tidemark::server {
namespace {

TEST(DeferredDbTest, IsUnavailableUntilItIsOpen) {
  DeferredDb db;
  EXPECT_EQ(db.NewAppender()->Commit(tsdb::CommitMode::kPartial).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(db.NewQuerier()->Select({}, {}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(db.NewQuerier()->LabelNames({}, {}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(db.Stats().num_series, 0u);
  EXPECT_TRUE(db.Close().ok());

  const testing::TempDirectory directory;
  MetricRegistry metrics;
  tsdb::Options options;
  options.path = directory.path();
  ASSERT_TRUE(db.Open(options, Clock::Real(), metrics).ok());
  const auto appender = db.NewAppender();
  const auto series = appender->GetOrCreate(LabelSet{{"__name__", "up"}});
  ASSERT_TRUE(series.ok());
  appender->Append(*series, Clock::Real().Now(), 1);
  EXPECT_TRUE(appender->Commit(tsdb::CommitMode::kPartial).ok());
  const auto found = db.NewQuerier()->Select({}, {});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->size(), 1u);
  EXPECT_EQ(db.Stats().num_series, 1u);
}

}  // namespace
}  // namespace tidemark::server
