#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/head/head.h"

// Sealed chunks that go to a file while samples come in, readers read and cuts take chunks away.

namespace tidemark::tsdb {
namespace {

constexpr DurationMs kRange = 2 * kHour, kInterval = 15 * kSecond;
constexpr TimestampMs kStart = 1'700'006'400'000 / kRange * kRange;
constexpr int kNumSeries = 300;

// A function of series and step that compresses badly, so that regions fill up.
double ValueAt(int series, int step) { return 1.0 / (1 + series + step); }

// With a directory for the file, and with one that is not there: then all stays in memory.
class HeadSpillTest : public ::testing::TestWithParam<std::string_view> {
 protected:
  HeadSpillTest() {
    head_.StartJournal(journal_.get(), 1);
    for (int i = 0; i < kNumSeries; ++i) {
      refs_.push_back(*head_.GetOrCreate({{"__name__", "m"}, {"i", StrCat(i)}}, nullptr));
    }
  }
  void AppendUntil(int end) {
    std::vector<SeriesSample> batch;
    for (; num_steps_ < end; ++num_steps_) {
      batch.clear();
      for (int i = 0; i < kNumSeries; ++i) {
        batch.push_back({refs_[i], kStart + num_steps_ * kInterval, ValueAt(i, num_steps_)});
      }
      ASSERT_TRUE(head_.Commit(batch, CommitMode::kAllOrNothing, scratch_).ok());
    }
  }
  // Whether all series hold all steps from a first one, which may be any, to a last one.
  ::testing::AssertionResult IsWhole() {
    for (const SeriesPin& pin : head_.Select({}, TimeRange())) {
      SampleColumns samples;
      if (const absl::Status read = head_.Read(pin, TimeRange(), samples); !read.ok()) {
        return ::testing::AssertionFailure() << read;
      }
      for (size_t k = 0; k < samples.size(); ++k) {
        const TimestampMs expected =
            samples.timestamps[0] + static_cast<TimestampMs>(k) * kInterval;
        const auto step = static_cast<int>((samples.timestamps[k] - kStart) / kInterval);
        if (samples.timestamps[k] != expected ||
            samples.values[k] != ValueAt(static_cast<int>(pin.series), step)) {
          return ::testing::AssertionFailure() << "series " << pin.series << ", sample " << k;
        }
      }
    }
    return ::testing::AssertionSuccess();
  }
  // Whether memory of this process is a file in the directory.
  bool MapsFile() const {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.find(directory_.path() + "/") != std::string::npos) return true;
    }
    return false;
  }

  const testing::TempDirectory directory_;
  FakeClock clock_{kStart + kDay};
  MetricRegistry metrics_;
  std::unique_ptr<KvStore> store_ =
      *KvStore::Open({.path = directory_.path() + "/head", .families = {"journal"}});
  std::unique_ptr<JournalWriter> journal_ = std::make_unique<JournalWriter>(
      *store_, clock_, JournalWriter::Options{.fsync = FsyncPolicy::kNever});
  Head head_{{.max_future = kHour,
              .block_range = kRange,
              .spill_directory = StrCat(directory_.path(), GetParam())},
             clock_,
             metrics_};
  CommitScratch scratch_;
  std::vector<SeriesRef> refs_;
  int num_steps_ = 0;
};

TEST_P(HeadSpillTest, NothingChangesForReaders) {
  std::atomic<bool> done = false;
  std::thread reader([&] {
    do EXPECT_TRUE(IsWhole());
    while (!done);
  });
  bool spilled = false;
  for (const int end : {700, 1200, 1700, 2200}) {
    AppendUntil(end);
    head_.Spill();
    head_.LetSpilledGo();
    spilled |= MapsFile();
    EXPECT_TRUE(IsWhole());
    if (const auto before = head_.CutDue()) {
      const absl::StatusOr<HeadCut> cut = head_.BeginCut(*before);
      ASSERT_TRUE(cut.ok()) << cut.status();
      head_.EndCut(*cut);
    }
  }
  done = true;
  reader.join();
  EXPECT_EQ(spilled, GetParam().empty());
  EXPECT_EQ(head_.Stats().num_samples, static_cast<uint64_t>(kNumSeries) * (2200 - 4 * 480));
  EXPECT_TRUE(IsWhole());
}

INSTANTIATE_TEST_SUITE_P(Directory, HeadSpillTest, ::testing::Values("", "/absent"));

}  // namespace
}  // namespace tidemark::tsdb
