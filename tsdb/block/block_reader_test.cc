#include "tsdb/block/block_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/sample_shapes.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/block/block_writer.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Random;
using testing::SameSamples;

namespace fs = std::filesystem;

constexpr TimestampMs kStart = 1'699'999'200'000;
constexpr TimestampMs kEnd = kStart + 2 * kHour;

LabelMatcher Matcher(std::string_view name, MatchOp op, std::string_view value) {
  return *LabelMatcher::Create(name, op, value);
}

using Model = std::map<LabelSet, SampleColumns>;

// Series of several targets: of most shapes, some of them over a part of the time.
Model MakeModel(Random& random, size_t num_targets, size_t num_samples) {
  Model model;
  for (size_t target = 0; target < num_targets; ++target) {
    std::vector<TimestampMs> times;
    for (size_t i = 0; i < num_samples; ++i) {
      const auto tick =
          static_cast<TimestampMs>(i) * (2 * kHour / static_cast<DurationMs>(num_samples));
      times.push_back(kStart + tick + static_cast<TimestampMs>(random() % 5));
    }
    for (const testing::ValueShape& shape : testing::ValueShapes()) {
      SampleColumns samples;
      double value = 0;
      const size_t begin = random() % 4 == 0 ? random() % num_samples : 0;
      for (size_t i = begin; i < num_samples; ++i) {
        samples.push_back(times[i], value = shape.next(random, value));
      }
      model[LabelSet({{"__name__", shape.name},
                      {"instance", StrCat("host", target, ":9100")},
                      {"job", target % 2 == 0 ? "even" : "odd"}})] = std::move(samples);
    }
  }
  return model;
}

BlockMeta Write(const std::string& parent, const Model& model) {
  BlockMeta meta;
  meta.ulid = NewUlid(kStart);
  meta.min_time = kStart;
  meta.max_time = kEnd;
  auto writer = BlockWriter::Create(parent, meta);
  EXPECT_TRUE(writer.ok()) << writer.status();
  for (const auto& [labels, samples] : model) EXPECT_TRUE((*writer)->Add(labels, samples).ok());
  const absl::StatusOr<BlockMeta> finished = (*writer)->Finish();
  EXPECT_TRUE(finished.ok()) << finished.status();
  return *finished;
}

// Without waiting for the disk.
void Overwrite(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Model ReadAll(const Block& block, std::span<const LabelMatcher> matchers, TimeRange range,
              absl::Status* status) {
  Model model;
  const auto set = block.NewQuerier()->Select(matchers, range);
  *status = set.status();
  if (!set.ok()) return model;
  for (size_t i = 0; i < (*set)->size(); ++i) {
    SampleColumns samples;
    *status = (*set)->Read(i, samples);
    if (!status->ok()) return model;
    model[(*set)->labels(i)] = std::move(samples);
  }
  return model;
}

class BlockReaderTest : public ::testing::Test {
 protected:
  std::shared_ptr<Block> MakeBlock(size_t num_targets = 3, size_t num_samples = 480) {
    model_ = MakeModel(random_, num_targets, num_samples);
    meta_ = Write(directory_.path(), model_);
    return Open();
  }
  std::shared_ptr<Block> Open() {
    auto block = Block::Open(BlockPath(), cache_);
    EXPECT_TRUE(block.ok()) << block.status();
    return block.ok() ? *block : nullptr;
  }
  std::string BlockPath() const { return StrCat(directory_.path(), "/", meta_.ulid); }

  // What the model holds in `range`; series without samples there may be missing in a selection.
  void ExpectModel(const Block& block, TimeRange range) {
    absl::Status status;
    Model got = ReadAll(block, {}, range, &status);
    ASSERT_TRUE(status.ok()) << status;
    for (const auto& [labels, samples] : model_) {
      SampleColumns want = samples;
      KeepRange(range, want);
      const auto it = got.find(labels);
      ASSERT_TRUE(it != got.end() || want.empty()) << labels.ToString();
      if (it == got.end()) continue;
      ASSERT_TRUE(SameSamples(it->second, want)) << labels.ToString();
      got.erase(it);
    }
    EXPECT_THAT(got, IsEmpty());
  }

  const uint64_t seed_ = std::random_device{}();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, StrCat("seed ", seed_)};
  Random random_{seed_};
  testing::TempDirectory directory_;
  std::shared_ptr<BlockCache> cache_ = BlockCache::Create(1 << 20);
  Model model_;
  BlockMeta meta_;
};

TEST_F(BlockReaderTest, GivesBackWhatWasWritten) {
  const std::shared_ptr<Block> block = MakeBlock();
  EXPECT_EQ(block->meta().stats.num_series, model_.size());
  EXPECT_THAT(block->meta().compaction.sources, ElementsAre(meta_.ulid));
  EXPECT_EQ(block->directory(), BlockPath());
  uint64_t num_bytes = 0;
  for (const auto& file : fs::directory_iterator(BlockPath())) num_bytes += file.file_size();
  EXPECT_EQ(block->disk_bytes(), num_bytes);
  ExpectModel(*block, TimeRange());
  for (int round = 0; round < 20; ++round) {
    const TimestampMs min = kStart + static_cast<TimestampMs>(random_() % (2 * kHour));
    ExpectModel(*block, {min, min + static_cast<TimestampMs>(random_() % (2 * kHour))});
  }
  EXPECT_TRUE(block->Verify().ok()) << block->Verify();
}

TEST_F(BlockReaderTest, SelectsInLabelOrderWhatPassesTheMatchers) {
  const std::shared_ptr<Block> block = MakeBlock();
  const LabelMatcher matchers[] = {Matcher("job", MatchOp::kEqual, "even"),
                                   Matcher("__name__", MatchOp::kRegex, "counter.*|gauge")};
  const auto set = block->NewQuerier()->Select(matchers, TimeRange());
  ASSERT_TRUE(set.ok());
  ASSERT_EQ((*set)->size(), 6u);
  for (size_t i = 1; i < (*set)->size(); ++i) {
    EXPECT_LT((*set)->labels(i - 1), (*set)->labels(i));
  }
}

TEST_F(BlockReaderTest, ASeriesSetReadsPartsOfItsRange) {
  const std::shared_ptr<Block> block = MakeBlock();
  const TimeRange asked{kStart + kHour / 2, kEnd - kHour / 2};
  const auto set = block->NewQuerier()->Select({}, asked);
  ASSERT_TRUE(set.ok());
  SampleColumns got;
  for (const TimeRange& part :
       {TimeRange{kStart, kStart + kHour}, TimeRange{kStart + kHour, kEnd}, TimeRange{5, 7}}) {
    for (size_t i = 0; i < (*set)->size(); ++i) {
      ASSERT_TRUE((*set)->ReadRange(i, part, got).ok());
      SampleColumns want = model_.at((*set)->labels(i));
      KeepRange(asked, want);
      KeepRange(part, want);
      ASSERT_TRUE(SameSamples(got, want));
    }
  }
  // Its chunks reach beyond what was asked for.
  std::vector<ChunkSummary> summaries;
  for (size_t i = 0; i < (*set)->size(); ++i) {
    ASSERT_TRUE((*set)->ReadSummaries(i, summaries).ok());
    for (const ChunkSummary& s : summaries) EXPECT_GE(s.range.min, asked.min);
  }
}

TEST_F(BlockReaderTest, OneSeriesSetServesSeveralThreads) {
  const auto block = MakeBlock(10, 240);
  const auto set = block->NewQuerier()->Select({}, TimeRange());
  ASSERT_TRUE(set.ok());
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      SampleColumns got;
      std::vector<ChunkSummary> summaries;
      for (size_t i = t; i < (*set)->size(); i += 1 + t % 2) {
        const bool same = (*set)->Read(i, got).ok() && (*set)->ReadSummaries(i, summaries).ok() &&
                          SameSamples(got, model_.at((*set)->labels(i)));
        failures += !same;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(BlockReaderTest, ASeriesSetOutlivesAllElse) {
  std::shared_ptr<Block> block = MakeBlock();
  const std::weak_ptr<Block> alive = block;
  auto set = block->NewQuerier()->Select({}, TimeRange());
  ASSERT_TRUE(set.ok());
  block.reset();
  EXPECT_FALSE(alive.expired());
  SampleColumns got;
  EXPECT_TRUE((*set)->Read(0, got).ok());
  set->reset();
  EXPECT_TRUE(alive.expired());
}

TEST_F(BlockReaderTest, LabelsAreThoseOfSeriesInTheRange) {
  SampleColumns early, late;
  early.push_back(kStart, 1);
  late.push_back(kEnd - 1, 2);
  model_[LabelSet({{"__name__", "m"}, {"only_early", "x"}, {"when", "early"}})] = early;
  model_[LabelSet({{"__name__", "m"}, {"when", "late"}})] = late;
  meta_ = Write(directory_.path(), model_);
  const auto block = Open();
  const auto querier = block->NewQuerier();
  struct Case {
    TimeRange range;
    std::vector<std::string> names, values;
  };
  const Case cases[] = {
      {TimeRange(), {"__name__", "only_early", "when"}, {"early", "late"}},
      {{kStart, kStart + kHour}, {"__name__", "only_early", "when"}, {"early"}},
      {{kStart + kHour, kEnd}, {"__name__", "when"}, {"late"}},
      {{kEnd, kEnd + kHour}, {}, {}},
      {{kStart - kHour, kStart - 1}, {}, {}},
  };
  const LabelMatcher matcher = Matcher("when", MatchOp::kNotEqual, "never");
  for (const Case& c : cases) {
    for (const auto& matchers : {std::vector<LabelMatcher>(), std::vector<LabelMatcher>{matcher}}) {
      EXPECT_EQ(*querier->LabelNames(matchers, c.range), c.names);
      EXPECT_EQ(*querier->LabelValues("when", matchers, c.range), c.values);
      EXPECT_EQ((*querier->Select(matchers, c.range))->size(), c.values.size());
    }
  }
  EXPECT_THAT(*querier->LabelValues("absent", {}, TimeRange()), IsEmpty());
  const auto pairs = block->LabelPairs();
  ASSERT_TRUE(pairs.ok());
  ASSERT_EQ(pairs->size(), 4u);
  EXPECT_EQ(pairs->front().name, "__name__");
  EXPECT_EQ(pairs->front().num_series, 2u);
}

TEST_F(BlockReaderTest, DeletedSamplesAreGoneForLaterQueriers) {
  auto block = MakeBlock();
  const auto before = block->NewQuerier()->Select({}, TimeRange());
  const LabelMatcher even[] = {Matcher("job", MatchOp::kEqual, "even")};
  const TimeRange deleted{kStart + kHour / 2, kEnd - kHour / 2};
  const auto count = block->Delete(even, deleted);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(block->num_tombstones(), *count);

  SampleColumns got;
  for (size_t i = 0; i < (*before)->size(); ++i) {
    ASSERT_TRUE((*before)->Read(i, got).ok());
    ASSERT_TRUE(SameSamples(got, model_.at((*before)->labels(i)))) << "an older querier";
  }
  IntervalSet gone;
  gone.Add(deleted);
  size_t num_concerned = 0;
  for (auto& [labels, samples] : model_) {
    if (labels.Get("job") != "even") continue;
    const size_t size = samples.size();
    gone.RemoveFrom(samples);
    num_concerned += samples.size() != size;
  }
  EXPECT_LE(num_concerned, *count);
  for (int round = 0; round < 2; ++round, block = Open()) {
    ExpectModel(*block, TimeRange());
    ExpectModel(*block, {kStart + kHour, kEnd});
    EXPECT_EQ((*block->NewQuerier()->Select(even, deleted))->size(), 0u);
    std::vector<ChunkSummary> summaries;
    const auto set = block->NewQuerier()->Select(even, TimeRange());
    for (size_t i = 0; i < (*set)->size(); ++i) {
      ASSERT_TRUE((*set)->ReadSummaries(i, summaries).ok());
      for (const ChunkSummary& s : summaries) EXPECT_FALSE(gone.Overlaps(s.range));
    }
    EXPECT_EQ(*block->Delete(even, deleted), 0u) << "nothing is left to delete";
    EXPECT_TRUE(block->Verify().ok());
  }
}

TEST_F(BlockReaderTest, AllOfASeriesDeletedIsNoSeries) {
  const auto block = MakeBlock();
  const LabelMatcher gauge[] = {Matcher("__name__", MatchOp::kEqual, "gauge")};
  EXPECT_EQ(*block->Delete(gauge, TimeRange()), 3u);
  const auto querier = block->NewQuerier();
  EXPECT_EQ((*querier->Select(gauge, TimeRange()))->size(), 0u);
  const auto names = *querier->LabelValues("__name__", {}, TimeRange());
  EXPECT_EQ(std::count(names.begin(), names.end(), "gauge"), 0);
  EXPECT_EQ(names.size(), testing::ValueShapes().size() - 1);
  EXPECT_EQ(*block->Delete({}, {kEnd, kMaxTimestamp}), 0u);
}

TEST_F(BlockReaderTest, ABlockWithoutSamplesIsNotKept) {
  model_[LabelSet({{"a", "b"}})] = {};
  meta_ = Write(directory_.path(), model_);
  EXPECT_EQ(meta_.stats.num_series, 0u);
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(BlockReaderTest, AnUnfinishedBlockLeavesNothing) {
  BlockMeta meta;
  meta.ulid = NewUlid(kStart);
  meta.min_time = kStart;
  meta.max_time = kEnd;
  {
    auto writer = BlockWriter::Create(directory_.path(), meta);
    ASSERT_TRUE(writer.ok());
    SampleColumns samples;
    samples.push_back(kStart, 1);
    ASSERT_TRUE((*writer)->Add(LabelSet({{"a", "b"}}), samples).ok());
    EXPECT_TRUE(fs::exists(StrCat(directory_.path(), "/", meta.ulid, ".tmp")));
  }
  EXPECT_TRUE(fs::is_empty(directory_.path()));
  EXPECT_EQ(BlockWriter::Create("/dev/null", meta).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(BlockReaderTest, AMissingEmptiedOrCutOffFileIsNamed) {
  MakeBlock();
  for (const std::string_view file : {kMetaFile, kIndexFile, kChunksFile, kTombstonesFile}) {
    const std::string path = StrCat(BlockPath(), "/", file);
    const std::string bytes = *ReadFile(path);
    const auto open = [&] { return Block::Open(BlockPath(), nullptr).status(); };
    for (const size_t size : {size_t{0}, size_t{1}, bytes.size() / 2, bytes.size() - 1}) {
      Overwrite(path, std::string_view(bytes).substr(0, size));
      EXPECT_EQ(open().code(), absl::StatusCode::kDataLoss) << path << " " << size << open();
      EXPECT_THAT(std::string(open().message()), HasSubstr(std::string(path)));
    }
    fs::remove(path);
    EXPECT_EQ(open().code(), absl::StatusCode::kNotFound) << open();
    EXPECT_THAT(std::string(open().message()), HasSubstr(std::string(path)));
    Overwrite(path, bytes);
  }
  EXPECT_TRUE(Block::Open(BlockPath(), nullptr).ok());
}

TEST_F(BlockReaderTest, FilesOfAnotherBlockAreSeen) {
  MakeBlock(1, 20);
  const std::string other = StrCat(directory_.path(), "/", Write(directory_.path(), model_).ulid);
  fs::copy_file(StrCat(other, "/", kChunksFile), StrCat(BlockPath(), "/", kChunksFile),
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(Block::Open(BlockPath(), nullptr).status().code(), absl::StatusCode::kDataLoss);
}

// Any byte may change: what is read is then right or a DataLoss that names the file.
TEST_F(BlockReaderTest, DamagedBytesGiveRightSamplesOrDataLoss) {
  MakeBlock(2, 60);
  for (const std::string_view file : {kMetaFile, kIndexFile, kChunksFile, kTombstonesFile}) {
    const std::string path = StrCat(BlockPath(), "/", file);
    const std::string bytes = *ReadFile(path);
    for (int round = 0; round < 200; ++round) {
      std::string damaged = bytes;
      // Every byte of the end, where the file says what it is, and others at random.
      const size_t from_end = static_cast<size_t>(round) + 1;
      const size_t at = round < 100 && from_end < bytes.size() ? bytes.size() - from_end
                                                               : random_() % bytes.size();
      damaged[at] ^= static_cast<char>(1 + random_() % 255);
      Overwrite(path, damaged);
      absl::StatusOr<std::shared_ptr<Block>> block = Block::Open(BlockPath(), nullptr);
      absl::Status status = block.status();
      if (block.ok()) {
        const Model got = ReadAll(**block, {}, TimeRange(), &status);
        for (const auto& [labels, samples] : got) {
          ASSERT_TRUE(model_.contains(labels) && SameSamples(samples, model_.at(labels))) << at;
        }
        if (status.ok()) {
          ASSERT_EQ(got.size(), model_.size()) << at;
        }
        EXPECT_EQ((*block)->is_damaged(), !status.ok());
        if (status.ok()) status = (*block)->Verify();
        EXPECT_EQ((*block)->is_damaged(), !status.ok());
      }
      if (status.ok()) continue;
      ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << file << " " << at << " " << status;
      ASSERT_THAT(std::string(status.message()), HasSubstr(path)) << at;
    }
    Overwrite(path, bytes);
  }
}

}  // namespace
}  // namespace tidemark::tsdb
