#include "tsdb/prometheus_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/memory_blocks.h"
#include "tests/testing/prometheus_files.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::tidemark::testing::BlockFileChunk;
using ::tidemark::testing::BlockFileSeries;
using ::tidemark::testing::WalSample;
using Blocks = testing::MemoryBlocks;

constexpr DurationMs kPartition = 2 * kHour;
constexpr std::string_view kUlidA = "01HZZZZZZZZZZZZZZZZZZZZZZA",
                           kUlidB = "01HZZZZZZZZZZZZZZZZZZZZZZB";

BlockFileChunk Chunk(const SampleColumns& samples) {
  return {samples.timestamps.front(), samples.timestamps.back(), 1, testing::XorChunkData(samples)};
}

// Histograms at these times, one bucket each with so many observations.
HistogramColumns Histograms(const std::vector<std::pair<TimestampMs, uint64_t>>& counts) {
  HistogramLayout layout;
  layout.positive_spans = {{1, 1}};
  HistogramSample sample;
  sample.layout = std::make_shared<const HistogramLayout>(layout);
  HistogramColumns histograms;
  for (const auto& [t, count] : counts) {
    sample.count = count;
    sample.sum = 2 * static_cast<double>(count);
    sample.positive_counts = {count};
    histograms.push_back(t, sample);
  }
  return histograms;
}

class PrometheusImportTest : public ::testing::Test {
 protected:
  void Write(std::string_view name, std::string_view bytes) {
    const std::filesystem::path path = StrCat(directory_.path(), "/", name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << bytes;
  }
  void WriteBlock(std::string_view ulid, TimestampMs min, TimestampMs max,
                  const std::vector<BlockFileSeries>& series, std::string_view compaction = "") {
    const testing::BlockFiles files = testing::MakeBlockFiles(series);
    Write(StrCat(ulid, "/index"), files.index);
    Write(StrCat(ulid, "/chunks/000001"), files.chunks);
    Write(StrCat(ulid, "/meta.json"),
          StrCat(R"({"ulid":")", ulid, R"(","minTime":)", min, R"(,"maxTime":)", max,
                 R"(,"stats":{"numSamples":1},"compaction":{"level":1)", compaction,
                 R"(},"version":1})"));
  }
  Blocks Import(size_t memory_bytes = size_t{1} << 20) {
    Blocks blocks;
    report_ = {};
    const absl::Status status = ImportPrometheus({.source = directory_.path(),
                                                  .new_block = testing::NewBlocksInMemory(blocks),
                                                  .head_samples_bytes = memory_bytes},
                                                 report_);
    EXPECT_TRUE(status.ok()) << status;
    return blocks;
  }

  const testing::TempDirectory directory_;
  ImportReport report_;
};

TEST_F(PrometheusImportTest, ABlockKeepsItsTime) {
  WriteBlock(kUlidA, 0, 5000,
             {{{{"__name__", "a"}}, {Chunk({{0, 10}, {1, 2}}), Chunk({{20}, {3}})}},
              {{{"__name__", "h"}},
               {{0, 10, 2, testing::HistogramChunkData(Histograms({{5, 1}, {10, 2}}))},
                {11, 20, 3, "rubbish"}}}});
  Write(StrCat(kUlidA, "/tombstones"), testing::BlockTombstones(0, 0, 9));  // of no series
  EXPECT_EQ(Import(),
            (Blocks{{{0, 5000}, {"a 0 1", "a 10 2", "a 20 3", "h 5 {1 2}", "h 10 {2 4}"}}}));
  EXPECT_EQ(report_.num_source_blocks, 1u);
  EXPECT_THAT(report_.damages, ElementsAre(HasSubstr("chunk of histograms is damaged")));
}

TEST_F(PrometheusImportTest, DeletedSamplesStayDeleted) {
  WriteBlock(kUlidA, 0, 5000, {{{{"__name__", "a"}}, {Chunk({{0, 10, 20}, {1, 2, 3}})}}});
  // Where the one entry lies, behind these symbols.
  Write(StrCat(kUlidA, "/tombstones"), testing::BlockTombstones(32 / 16, 5, 10));
  EXPECT_EQ(Import(), (Blocks{{{0, 5000}, {"a 0 1", "a 20 3"}}}));
}

TEST_F(PrometheusImportTest, OverlappingBlocksBecomeOne) {
  WriteBlock(kUlidA, 0, 5000, {{{{"__name__", "a"}}, {Chunk({{0, 10}, {1, 2}})}}});
  WriteBlock(kUlidB, 4000, 9000,
             {{{{"__name__", "A"}}, {Chunk({{8000}, {4}})}},
              {{{"__name__", "a"}}, {Chunk({{4000, 4010}, {5, 6}})}}});
  EXPECT_EQ(Import(),
            (Blocks{{{0, 9000}, {"A 8000 4", "a 0 1", "a 10 2", "a 4000 5", "a 4010 6"}}}));
}

TEST_F(PrometheusImportTest, ABlockThatAnotherReplacesIsLeftOut) {
  WriteBlock(kUlidA, 0, 5000, {{{{"__name__", "a"}}, {Chunk({{0}, {1}})}}});
  WriteBlock(kUlidB, 0, 5000, {{{{"__name__", "a"}}, {Chunk({{0}, {2}})}}},
             StrCat(R"(,"parents":[{"ulid":")", kUlidA, R"("}])"));
  EXPECT_EQ(Import(), (Blocks{{{0, 5000}, {"a 0 2"}}}));
  EXPECT_THAT(report_.notes, ElementsAre(HasSubstr(std::string(kUlidA))));
}

TEST_F(PrometheusImportTest, ADamagedBlockDoesNotStopTheOthers) {
  WriteBlock(kUlidA, 0, 5000, {{{{"__name__", "a"}}, {Chunk({{0}, {1}})}}});
  WriteBlock(kUlidB, 5000, 9000, {{{{"__name__", "a"}}, {Chunk({{5000}, {2}})}}});
  Write(StrCat(kUlidA, "/index"), "rubbish");
  EXPECT_EQ(Import(), (Blocks{{{5000, 9000}, {"a 5000 2"}}}));
  EXPECT_THAT(report_.damages, ElementsAre(HasSubstr(StrCat(kUlidA, "/index: byte 0: "))));
  Write(StrCat(kUlidA, "/meta.json"), "{");
  EXPECT_THAT(Import(), SizeIs(1));
  EXPECT_THAT(report_.damages, ElementsAre(HasSubstr(StrCat(kUlidA, "/meta.json"))));
}

// One head in all its files: refs 1 and 3 are the same series.
class HeadImportTest : public PrometheusImportTest {
 protected:
  void SetUp() override {
    const LabelSet a{{"__name__", "a"}}, b{{"__name__", "b"}};
    Write("wal/checkpoint.00000002/00000000",
          testing::WalSegment({testing::WalSeriesRecord({{1, b}})}));
    Write("wal/00000002", testing::WalSegment({testing::WalSamplesRecord({{1, 1, 99}})}));
    Write("wal/00000003",
          testing::WalSegment({testing::WalSeriesRecord({{2, a}, {3, b}}),
                               testing::WalSamplesRecord({{2, 100, 1}, {1, 100, 10}}),
                               testing::WalSamplesRecord({{2, 200, 2}, {1, 200, 20}}),
                               testing::WalSamplesRecord({{2, 150, 77}}),  // refused as late
                               testing::WalHistogramsRecord(
                                   7, 2, Histograms({{60, 8}, {210, 4}, {205, 7}, {220, 5}})),
                               testing::WalSamplesRecord({{9, 150, 1}}),  // of nobody
                               testing::WalTombstoneRecord(2, 195, 205)}));
    Write("wal/00000004",
          testing::WalSegment({testing::WalSamplesRecord({{2, kPartition, 3}, {3, 300, 30}})}));
    Write("chunks_head/000001",
          testing::HeadChunkFile(
              {{1, 50, 100, 1, testing::XorChunkData({{50, 100}, {5, 10}})},
               {1, 60, 70, 0x81, testing::XorChunkData({{60, 70}, {6, 7}})},
               {2, 60, 70, 2, testing::HistogramChunkData(Histograms({{60, 1}, {70, 2}}))},
               {8, 60, 70, 1, testing::XorChunkData({{60, 70}, {6, 7}})}}));
    Write(
        "wbl/00000000",
        testing::WalSegment({"\5marker", testing::WalHistogramsRecord(7, 2, Histograms({{65, 3}})),
                             testing::WalSamplesRecord({{1, 70, 7}, {2, 90, 0.5}, {1, 65, 1}})}));
  }
  const Blocks all_ = {{{0, kPartition},
                        {"a 90 0.5", "a 100 1", "a 60 {1 2}", "a 65 {3 6}", "a 70 {2 4}",
                         "a 210 {4 8}", "a 220 {5 10}", "b 50 5", "b 60 6", "b 65 1", "b 70 7",
                         "b 100 10", "b 200 20", "b 300 30"}},
                       {{kPartition, 2 * kPartition}, {StrCat("a ", kPartition, " 3")}}};
};

TEST_F(HeadImportTest, GivesTheSamplesOfAllFiles) {
  EXPECT_EQ(Import(), all_);
  EXPECT_THAT(report_.damages, IsEmpty());
  EXPECT_EQ(report_.num_head_series, 2u);
  EXPECT_EQ(report_.num_orphaned_samples, 1u);
  EXPECT_EQ(report_.num_orphaned_chunks, 1u);
}

TEST_F(HeadImportTest, LittleMemoryTakesMoreRunsAndGivesTheSame) { EXPECT_EQ(Import(1), all_); }

TEST_F(HeadImportTest, SamplesOlderThanABlockAreInIt) {
  WriteBlock(kUlidA, 0, 150, {{{{"__name__", "a"}}, {Chunk({{100}, {1}})}}});
  // Late ones count all the same; the block and the two hours it lies in become one.
  EXPECT_EQ(Import(), (Blocks{{{0, kPartition},
                               {"a 90 0.5", "a 100 1", "a 65 {3 6}", "a 210 {4 8}", "a 220 {5 10}",
                                "b 60 6", "b 65 1", "b 70 7", "b 200 20", "b 300 30"}},
                              {{kPartition, 2 * kPartition}, {StrCat("a ", kPartition, " 3")}}}));
}

TEST_F(HeadImportTest, ManyPartitions) {
  std::vector<WalSample> samples;
  Blocks want;
  for (int i = -40; i < 40; ++i) {
    const TimestampMs t = i * kPartition + 7;
    samples.push_back({1, t, 1});
    want[{i * kPartition, (i + 1) * kPartition}] = {StrCat("b ", t, " 1")};
  }
  std::filesystem::remove_all(StrCat(directory_.path(), "/chunks_head"));
  std::filesystem::remove_all(StrCat(directory_.path(), "/wbl"));
  std::filesystem::remove(StrCat(directory_.path(), "/wal/00000003"));
  Write("wal/00000003", testing::WalSegment({testing::WalSamplesRecord(samples)}));
  std::filesystem::remove(StrCat(directory_.path(), "/wal/00000004"));
  EXPECT_EQ(Import(), want);
}

TEST_F(HeadImportTest, DamagedChunksAreReadFromTheLog) {
  std::string file = *ReadFile(StrCat(directory_.path(), "/chunks_head/000001"));
  file[40] ^= 1;
  Write("chunks_head/000001", file);
  EXPECT_THAT(Import().begin()->second,
              ElementsAre("a 90 0.5", "a 100 1", "a 60 {8 16}", "a 65 {3 6}", "a 210 {4 8}",
                          "a 220 {5 10}", "b 65 1", "b 70 7", "b 100 10", "b 200 20", "b 300 30"));
  EXPECT_THAT(report_.damages, ElementsAre(HasSubstr("/chunks_head/000001: byte 8: checksum")));
}

TEST(ImportPrometheusTest, WhatIsNoSource) {
  const testing::TempDirectory directory;
  ImportReport report;
  EXPECT_EQ(ImportPrometheus({.source = directory.path(), .new_block = nullptr}, report).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      ImportPrometheus({.source = StrCat(directory.path(), "/a"), .new_block = nullptr}, report)
          .code(),
      absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tidemark::tsdb
