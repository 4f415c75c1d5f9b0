#include "tsdb/block/chunks_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/sample_shapes.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/block/chunk_summary.h"
#include "tsdb/block/chunks_writer.h"

namespace tidemark::tsdb {
namespace {

using testing::Random;
using testing::SameSamples;

constexpr TimestampMs kStart = 1'700'000'000'000;

// Times of one target's scrapes, to be shared by its series.
std::vector<TimestampMs> ScrapeTimes(Random& random, size_t count, DurationMs interval,
                                     DurationMs jitter) {
  std::vector<TimestampMs> times;
  for (size_t i = 0; i < count; ++i) {
    const auto width = static_cast<uint64_t>(2 * jitter + 1);
    times.push_back(kStart + jitter + static_cast<TimestampMs>(i) * interval +
                    static_cast<TimestampMs>(random() % width) - jitter);
  }
  return times;
}

SampleColumns WithValues(std::vector<TimestampMs> times, const testing::ValueShape& shape,
                         Random& random) {
  SampleColumns samples;
  samples.timestamps = std::move(times);
  double value = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    samples.values.push_back(value = shape.next(random, value));
  }
  return samples;
}

// Every shape of values at shared and at own times, single samples, and one very long series.
std::vector<SampleColumns> SomeSeries(Random& random) {
  std::vector<std::vector<TimestampMs>> targets;
  for (int i = 0; i < 5; ++i) targets.push_back(ScrapeTimes(random, 1440, 15000, 3));
  targets.push_back(ScrapeTimes(random, 720, 30000, 0));
  std::vector<SampleColumns> all;
  for (int round = 0; round < 4; ++round) {
    for (const testing::ValueShape& shape : testing::ValueShapes()) {
      std::vector<TimestampMs> times = targets[random() % targets.size()];
      const uint64_t fate = random() % 8;
      if (fate == 0) times.erase(times.begin(), times.begin() + random() % times.size());
      if (fate == 1) times.resize(1 + random() % times.size());
      if (fate == 2) times = ScrapeTimes(random, 100, 200'000, 50'000);
      if (fate == 3) times.resize(1);
      all.push_back(WithValues(std::move(times), shape, random));
    }
  }
  all.push_back(WithValues(ScrapeTimes(random, 100'000, 216, 100),
                           testing::ValueShapes()[random() % testing::ValueShapes().size()],
                           random));
  all.push_back(WithValues({kStart}, testing::ValueShapes()[0], random));
  return all;
}

class ChunksReaderTest : public ::testing::Test {
 protected:
  ChunksReaderTest() { series_ = SomeSeries(random_); }

  std::string path() const { return StrCat(directory_.path(), "/chunks.sst"); }

  // Sometimes so that hardly any timestamps are shared.
  void Write(bool share_times = true) {
    const size_t limit = share_times ? ChunksWriter::kMaxTimeColumnBytes : 1000;
    auto writer = ChunksWriter::Create(path(), "ULID", kRange, limit);
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (const SampleColumns& samples : series_) ASSERT_TRUE((*writer)->Add(samples).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
    auto reader = ChunksReader::Open(path(), BlockCache::Create(1 << 20));
    ASSERT_TRUE(reader.ok()) << reader.status();
    reader_ = *std::move(reader);
  }

  SampleColumns Expected(uint32_t series, TimeRange range) const {
    SampleColumns samples = series_[series];
    KeepRange(range, samples);
    return samples;
  }
  TimeRange RandomRange() {
    const auto at = [this] {
      return kRange.min + static_cast<TimestampMs>(random_() % 21'700'000);
    };
    const TimestampMs a = at(), b = at();
    return {std::min(a, b), std::max(a, b)};
  }

  static constexpr TimeRange kRange{kStart, kStart + 6 * kHour - 1};
  const uint64_t seed_ = std::random_device{}();
  Random random_{seed_};
  testing::TempDirectory directory_;
  std::vector<SampleColumns> series_;
  std::unique_ptr<ChunksReader> reader_;
};

TEST_F(ChunksReaderTest, GivesBackEverySampleInAnyOrder) {
  SCOPED_TRACE(seed_);
  Write(random_() % 2 == 0);
  EXPECT_EQ(reader_->front().num_series, series_.size());
  ChunkCursor cursor = reader_->NewCursor();
  SampleColumns got;
  for (uint32_t i = 0; i < series_.size(); ++i) {
    ASSERT_TRUE(cursor.Read(i, TimeRange(), got).ok());
    ASSERT_TRUE(SameSamples(got, series_[i])) << i;
  }
  for (int round = 0; round < 500; ++round) {
    const auto i = static_cast<uint32_t>(random_() % series_.size());
    const TimeRange range = RandomRange();
    const absl::Status read = cursor.Read(i, range, got);
    ASSERT_TRUE(read.ok()) << read;
    ASSERT_TRUE(SameSamples(got, Expected(i, range))) << i;
    ChunkCursor fresh = reader_->NewCursor();
    ASSERT_TRUE(fresh.Read(i, range, got).ok());
    ASSERT_TRUE(SameSamples(got, Expected(i, range))) << i;
  }
  EXPECT_TRUE(reader_->Verify().ok()) << reader_->Verify();
}

TEST_F(ChunksReaderTest, SummariesAreThoseOfTheSamples) {
  SCOPED_TRACE(seed_);
  Write(random_() % 2 == 0);
  ChunkCursor cursor = reader_->NewCursor();
  std::vector<ChunkSummary> summaries;
  size_t num_summaries = 0;
  for (int round = 0; round < 1000; ++round) {
    const auto i = static_cast<uint32_t>(random_() % series_.size());
    const TimeRange range = round % 3 == 0 ? TimeRange() : RandomRange();
    IntervalSet deleted;
    if (round % 2 == 0) deleted.Add(RandomRange());
    ASSERT_TRUE(cursor.ReadSummaries(i, range, &deleted, summaries).ok());
    num_summaries += summaries.size();
    TimestampMs last = kMinTimestamp;
    for (const ChunkSummary& s : summaries) {
      ASSERT_LT(last, s.range.min);
      last = s.range.max;
      ASSERT_TRUE(range.Contains(s.range.min) && range.Contains(s.range.max));
      ASSERT_FALSE(deleted.Overlaps(s.range));
      const SampleColumns samples = Expected(i, s.range);
      const auto want = Summarise(samples.timestamps, samples.values);
      ASSERT_TRUE(want && SameSummary(s, *want)) << i;
    }
  }
  EXPECT_GT(num_summaries, 50u);
}

TEST_F(ChunksReaderTest, SeriesOfATargetShareTheirTimes) {
  const auto times = ScrapeTimes(random_, 1440, 15000, 3);
  series_.clear();
  for (size_t missing = 0; missing < 50; ++missing) {
    SampleColumns samples;
    for (size_t i = 0; i < times.size(); ++i) {
      // Each lacks another sample of the first two hours: the rest is the same.
      if (i != 5 * missing) samples.push_back(times[i], static_cast<double>(i));
    }
    series_.push_back(std::move(samples));
  }
  Write();
  EXPECT_EQ(reader_->front().num_chunks, 150u);
  EXPECT_EQ(reader_->front().num_time_columns, 52u);
}

TEST_F(ChunksReaderTest, SpansHoldTheSamplesAndLittleMore) {
  SCOPED_TRACE(seed_);
  Write();
  SpanCursor spans = reader_->NewSpanCursor();
  for (uint32_t i = 0; i < series_.size(); ++i) {
    const absl::StatusOr<TimeRange> span = spans.Span(i);
    ASSERT_TRUE(span.ok());
    const auto& times = series_[i].timestamps;
    EXPECT_LE(span->min, times.front());
    EXPECT_GE(span->max, times.back());
    EXPECT_LE(times.front() - span->min, 6 * kHour / 256);
    EXPECT_LE(span->max - times.back(), 6 * kHour / 256);
  }
}

}  // namespace
}  // namespace tidemark::tsdb
