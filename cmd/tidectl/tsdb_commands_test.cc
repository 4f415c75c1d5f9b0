#include "cmd/tidectl/tsdb_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/strings.h"
#include "tests/testing/prometheus_files.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"
#include "tsdb/db.h"

namespace tidemark::tidectl {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr char kPage[] = R"(# TYPE up gauge
up{job="b"} 1 1
up{job="a"} 0.5 1
up{job="a"} 1e6 7200
# EOF
)";

class TsdbCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string page = StrCat(directory_.path(), "/page");
    std::ofstream(page) << kPage;
    ASSERT_TRUE(CreateBlocksFromOpenMetrics(
        {.input = page, .output = data_, .max_block_duration = {}, .labels = {"x=y"}},
        Clock::Real(), output_))
        << err_.str();
    created_ = out_.str();
    out_.str("");
  }
  // The file of that name in the newest block.
  std::string FileOfBlock(std::string_view name) const {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(data_ + "/blocks")) {
      newest = std::max(newest, entry.path().string());
    }
    return StrCat(newest, "/", name);
  }

  const testing::TempDirectory directory_;
  const std::string data_ = StrCat(directory_.path(), "/data");
  std::ostringstream out_, err_;
  const Output output_{out_, err_};
  std::string created_;
};

TEST_F(TsdbCommandsTest, ListsBlocks) {
  EXPECT_TRUE(ListBlocks(data_, false, output_));
  EXPECT_THAT(out_.str(),
              ContainsRegex("^BLOCK ULID  +MIN TIME  +MAX TIME  +DURATION  +NUM SAMPLES  "
                            "+NUM CHUNKS  +NUM SERIES  +SIZE\n[^ ]+  0  +7200000  "
                            "+2h0m0s  +2  +2  +2  +[0-9]+\n[^ ]+  7200000 "));
  EXPECT_THAT(created_, ContainsRegex("\n[^ ]+  0  +7200000  +2h0m0s  +2  +2  +2  "));
  EXPECT_TRUE(ListBlocks(data_ + "/blocks", true, output_));
  EXPECT_THAT(out_.str(), HasSubstr("1970-01-01 02:00:00 +0000 UTC"));
}

TEST_F(TsdbCommandsTest, DumpsSamples) {
  EXPECT_TRUE(DumpSamples({.directory = data_, .range = {}, .selectors = {}}, output_));
  EXPECT_EQ(out_.str(),
            "{__name__=\"up\", job=\"a\", x=\"y\"} 0.5 1000\n"
            "{__name__=\"up\", job=\"a\", x=\"y\"} 1e+06 7200000\n"
            "{__name__=\"up\", job=\"b\", x=\"y\"} 1 1000\n");
  out_.str("");
  EXPECT_TRUE(DumpSamples({.directory = data_,
                           .range = {.min = 0, .max = 5000},
                           .selectors = {"up{job=\"b\"}", "{x=\"y\",job!=\"a\"}"}},
                          output_));
  EXPECT_EQ(out_.str(), "{__name__=\"up\", job=\"b\", x=\"y\"} 1 1000\n");
  EXPECT_FALSE(DumpSamples({.directory = data_, .range = {}, .selectors = {"up{"}}, output_));
}

TEST_F(TsdbCommandsTest, AnalyzesABlock) {
  EXPECT_TRUE(AnalyzeBlock(data_, "", 20, output_));  // the newest one
  EXPECT_THAT(out_.str(),
              HasSubstr("Duration: 2h0m0s\nTotal Series: 1\nLabel names: 3\nPostings "
                        "(unique label pairs): 3\nPostings entries (total label "
                        "pairs): 3\n\nLabel pairs most involved in churning:\n1 __name__=up\n"));
  EXPECT_THAT(out_.str(), HasSubstr("Label names most involved in churning:\n1 __name__\n"));
  EXPECT_THAT(out_.str(), HasSubstr("Most common label pairs:\n1 __name__=up\n"));
  EXPECT_THAT(out_.str(), HasSubstr("Highest cardinality metric names:\n1 up\n"));
  EXPECT_FALSE(AnalyzeBlock(data_, "01HZZZZZZZZZZZZZZZZZZZZZZA", 20, output_));
}

TEST_F(TsdbCommandsTest, VerifyNamesWhatIsDamaged) {
  EXPECT_TRUE(VerifyStore(data_, output_)) << err_.str();
  std::fstream file(FileOfBlock("chunks.sst"), std::ios::in | std::ios::out);
  file.seekp(3);
  file.put('\x7f');
  file.close();
  EXPECT_FALSE(VerifyStore(data_, output_));
  EXPECT_THAT(err_.str(), HasSubstr("chunks.sst"));
  err_.str("");
  std::ofstream(FileOfBlock("meta.json")) << "{";
  EXPECT_FALSE(ListBlocks(data_, false, output_));
  EXPECT_THAT(err_.str(), HasSubstr("meta.json"));
}

TEST_F(TsdbCommandsTest, ReadsTheJournalOfAStoppedServer) {
  MetricRegistry metrics;
  auto db = tsdb::Db::Open({.path = data_, .retention = 0}, Clock::Real(), metrics);
  ASSERT_TRUE(db.ok()) << db.status();
  testing::StoredSamples samples;
  testing::AddSample({{"__name__", "up"}, {"job", "a"}}, 7'300'000, 2, samples);
  ASSERT_TRUE(testing::Append(samples, **db).ok());
  const DumpFlags flags = {.directory = data_, .range = {.min = 7'200'000}, .selectors = {}};
  EXPECT_FALSE(DumpSamples(flags, output_));
  EXPECT_FALSE(VerifyStore(data_, output_));
  EXPECT_TRUE(ListBlocks(data_, false, output_)) << err_.str();
  db->reset();
  out_.str("");
  EXPECT_TRUE(DumpSamples(flags, output_)) << err_.str();
  EXPECT_EQ(out_.str(),
            "{__name__=\"up\", job=\"a\"} 2 7300000\n"
            "{__name__=\"up\", job=\"a\", x=\"y\"} 1e+06 7200000\n");
  EXPECT_TRUE(VerifyStore(data_, output_)) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(StrCat("ok: ", data_, "/head\n")));
}

TEST_F(TsdbCommandsTest, DumpsHistogramsAmongFloats) {
  const std::string data = StrCat(directory_.path(), "/histograms");
  HistogramLayout layout;
  layout.zero_threshold = 0.001;
  layout.positive_spans = {{0, 1}, {1, 1}};
  layout.negative_spans = {{1, 1}};
  HistogramSample integers;
  integers.layout = std::make_shared<const HistogramLayout>(layout);
  integers.count = 3'000'006;
  integers.sum = 2.5;
  integers.zero_count = 2;
  integers.positive_counts = {3'000'000, 1};
  integers.negative_counts = {3};
  FloatHistogramSample floats;
  floats.layout = integers.layout;
  floats.count = 1e6;
  floats.positive_counts = {0, 1e6};
  floats.negative_counts = {0};
  MetricRegistry metrics;
  auto db = tsdb::Db::Open({.path = data, .retention = 0}, Clock::Real(), metrics);
  ASSERT_TRUE(db.ok()) << db.status();
  const auto appender = (*db)->NewAppender();
  const auto series = appender->GetOrCreate({{"__name__", "h"}});
  ASSERT_TRUE(series.ok()) << series.status();
  appender->Append(*series, 1000, 1.5);
  appender->Append(*series, 2000, integers);
  appender->Append(*series, 3000, floats);
  appender->Append(*series, 4000, 2.5);
  ASSERT_TRUE(appender->Commit(tsdb::CommitMode::kAllOrNothing).ok());
  db->reset();
  EXPECT_TRUE(DumpSamples({.directory = data, .range = {}, .selectors = {}}, output_));
  EXPECT_EQ(out_.str(),
            "{__name__=\"h\"} 1.5 1000\n"
            "{__name__=\"h\"} {count:3000006, sum:2.5, [-2,-1):3, [-0.001,0.001]:2, "
            "(0.5,1]:3000000, (2,4]:1} 2000\n"
            "{__name__=\"h\"} {count:1e+06, sum:0, (2,4]:1e+06} 3000\n"
            "{__name__=\"h\"} 2.5 4000\n");
}

TEST_F(TsdbCommandsTest, ImportsIntoADirectoryWithoutBlocks) {
  const std::string source = StrCat(directory_.path(), "/prometheus");
  std::filesystem::create_directories(source + "/wal");
  std::ofstream(source + "/wal/00000000")
      << testing::WalSegment({testing::WalSeriesRecord({{1, {{"__name__", "up"}}}}),
                              testing::WalSamplesRecord({{1, 5, 1}})});
  EXPECT_FALSE(ImportPrometheus({.source = source, .output = data_}, Clock::Real(), output_));
  EXPECT_THAT(err_.str(), HasSubstr("is not empty"));
  const std::string out = StrCat(directory_.path(), "/new");
  EXPECT_TRUE(
      ImportPrometheus({.source = source, .output = out, .dry_run = true}, Clock::Real(), output_));
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_TRUE(ImportPrometheus({.source = source, .output = out}, Clock::Real(), output_));
  out_.str("");
  EXPECT_TRUE(DumpSamples({.directory = out, .range = {}, .selectors = {}}, output_));
  EXPECT_EQ(out_.str(), "{__name__=\"up\"} 1 5\n");
  std::ofstream(source + "/wal/00000001") << "rubbish";
  std::ofstream(source + "/wal/00000002") << "";
  EXPECT_FALSE(
      ImportPrometheus({.source = source, .output = out, .dry_run = true}, Clock::Real(), output_));
  EXPECT_THAT(err_.str(), HasSubstr("/wal/00000001: byte 0: "));
}

TEST_F(TsdbCommandsTest, WhatIsNotThere) {
  EXPECT_FALSE(ListBlocks(directory_.path() + "/none", false, output_));
  EXPECT_FALSE(
      ImportPrometheus({.source = directory_.path() + "/none", .output = "x", .dry_run = true},
                       Clock::Real(), output_));
  EXPECT_THAT(err_.str(), HasSubstr("there is no directory"));
}

}  // namespace
}  // namespace tidemark::tidectl
