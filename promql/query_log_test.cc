#include "promql/query_log.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/io/file.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::promql {
namespace {

TEST(QueryLogTest, AppendsToTheFileOfTheDay) {
  const testing::TempDirectory directory;
  const std::string path = directory.path() + "/q.log", rotated = path + ".1";
  QueryLog log;
  EXPECT_FALSE(log.enabled());
  log.Write("nowhere");
  ASSERT_TRUE(log.Open(path).ok());
  EXPECT_TRUE(log.enabled());
  log.Write("one");
  std::filesystem::rename(path, rotated);
  log.Write("two");
  ASSERT_TRUE(log.Open(path).ok());  // a reload
  log.Write("three");
  EXPECT_FALSE(log.Open(directory.path() + "/none/q.log").ok());
  log.Write("four");
  ASSERT_TRUE(log.Open("").ok());
  log.Write("nowhere");
  EXPECT_FALSE(log.enabled());
  EXPECT_EQ(*ReadFile(rotated), "one\ntwo\n");
  EXPECT_EQ(*ReadFile(path), "three\nfour\n");
}

TEST(QueryLogTest, TellsWhatAQueryWas) {
  const testing::TempDirectory directory;
  QueryLog log;
  ASSERT_TRUE(log.Open(directory.path() + "/q.log").ok());
  LoggedQuery query;
  query.text = "a < 1";
  query.times = {1000, 61'000, 15'000};
  query.timings = {0.5, 1.25};
  query.statistics = {.queryable_samples = 7, .peak_samples = 3};
  query.status = absl::CancelledError("too late");
  log.Log(1'700'000'000'592, query, [](JsonWriter& json) { json.Key("who").String("test"); });
  EXPECT_EQ(*ReadFile(directory.path() + "/q.log"),
            R"({"time":"2023-11-14T22:13:20.592Z","level":"INFO","msg":"promql query logged",)"
            R"("params":{"end":"1970-01-01T00:01:01.000Z","query":"a < 1",)"
            R"("start":"1970-01-01T00:00:01.000Z","step":15},"error":"too late",)"
            R"("stats":{"timings":{"evalTotalTime":1.25,"resultSortTime":0,)"
            R"("queryPreparationTime":0,"innerEvalTime":1.25,"execQueueTime":0.5,)"
            R"("execTotalTime":1.75},"samples":{"totalQueryableSamples":7,"peakSamples":3}},)"
            R"("who":"test"})"
            "\n");
}

}  // namespace
}  // namespace tidemark::promql
