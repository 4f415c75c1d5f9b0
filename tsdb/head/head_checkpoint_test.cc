#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "base/io/file.h"
#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/file_size_limit.h"
#include "tests/testing/temp_directory.h"
#include "tsdb/head/head.h"
#include "tsdb/journal/journal_replay.h"
#include "tsdb/journal/journal_writer.h"
#include "tsdb/kv/kv_store.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr DurationMs kInterval = 15 * kSecond;

// What is stored: labels as text -> time -> bits of the value.
using Model = std::map<std::string, std::map<TimestampMs, uint64_t>>;

LabelSet Labels(size_t i) {
  return {{"__name__", StrCat("metric_", i % 50)},
          {"instance", StrCat("host-", i / 50)},
          {"job", "node"},
          {"mode", i % 2 == 0 ? "read" : "write"}};
}

// A head with its journal in a directory, as the store has it.
class Store {
 public:
  explicit Store(const std::string& path, bool replay_all = false) : path_(path) {
    fs::create_directories(path);
    kv_ = *KvStore::Open({.path = path + "/head", .families = {"journal"}});
    auto loaded = head_.LoadCheckpoint(path + "/checkpoint", path + "/damaged");
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    loaded_ = *loaded;
    const auto replayed = ReplayJournal(
        *kv_, 0, replay_all ? 1 : loaded_.replay_from,
        [&](std::span<const NumberedBatch> batches) {
          head_.Replay(batches);
          num_replayed_ += batches.size();
        },
        loaded_.num_places);
    EXPECT_TRUE(replayed.ok()) << replayed.status();
    const uint64_t next = std::max(replayed->last_number + 1, loaded_.covers);
    journal_ = std::make_unique<JournalWriter>(
        *kv_, clock_, JournalWriter::Options{.fsync = FsyncPolicy::kNever, .next_number = next});
    head_.StartJournal(journal_.get(), next);
  }

  Head& head() { return head_; }
  const LoadedCheckpoint& loaded() const { return loaded_; }
  uint64_t num_replayed() const { return num_replayed_; }

  void Commit(std::span<const SeriesSample> batch) {
    CommitScratch scratch;
    const auto result = head_.Commit(batch, CommitMode::kPartial, scratch);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->rejected.empty());
  }
  uint64_t Checkpoint(CheckpointMode mode, bool trim) {
    uint64_t covers = 0;
    const absl::Status written = head_.WriteCheckpoint(path_ + "/checkpoint", mode, &covers);
    EXPECT_TRUE(written.ok()) << written;
    if (trim) {
      EXPECT_TRUE(journal_->DropBefore(covers).ok());
    }
    return covers;
  }
  Model Dump() const {
    Model model;
    for (const SeriesPin& pin : head_.Select({}, TimeRange())) {
      SampleColumns samples;
      EXPECT_TRUE(head_.Read(pin, TimeRange(), samples).ok());
      if (samples.empty()) continue;  // all deleted
      auto& series = model[LabelsOf(head_.series(pin.series), head_.symbols()).ToString()];
      for (size_t i = 0; i < samples.size(); ++i) {
        const bool added =
            series.emplace(samples.timestamps[i], std::bit_cast<uint64_t>(samples.values[i]))
                .second;
        EXPECT_TRUE(added) << "twice at " << samples.timestamps[i];
      }
    }
    return model;
  }

 private:
  const std::string path_;
  FakeClock clock_{kStart + 1000 * kHour};
  MetricRegistry metrics_;
  std::unique_ptr<KvStore> kv_;
  Head head_{{.out_of_order_window = 500 * kHour, .block_range = 20 * kMinute}, clock_, metrics_};
  std::unique_ptr<JournalWriter> journal_;
  LoadedCheckpoint loaded_;
  uint64_t num_replayed_ = 0;
};

double RandomValue(std::mt19937_64& random, size_t series) {
  switch (random() % 16) {
    case 0:
      return StaleMarker();
    case 1:
      return static_cast<double>(random()) / 7;
    case 2:
    case 3:
      return static_cast<double>(random() % 1000) / 100;
    default:
      return static_cast<double>(series);
  }
}

// Commits a batch: of most of the series the next sample, of some an earlier one.
void CommitRandomBatch(Store& store, std::mt19937_64& random, size_t num_series, size_t step,
                       Model& model) {
  std::vector<SeriesSample> batch;
  for (size_t i = 0; i < num_series; ++i) {
    const LabelSet labels = Labels(i);
    const SeriesRef ref = *store.head().GetOrCreate(labels, nullptr);
    if (i % 11 == 0 || random() % 8 == 0) continue;  // some never get a sample
    const bool late = step > 10 && random() % 20 == 0;
    // No two late ones share a time.
    const TimestampMs t = late ? kStart + static_cast<TimestampMs>(random() % step) * kInterval +
                                     static_cast<TimestampMs>(step)
                               : kStart + static_cast<TimestampMs>(step) * kInterval;
    auto& series = model[labels.ToString()];
    const double value = RandomValue(random, i);
    if (!series.emplace(t, std::bit_cast<uint64_t>(value)).second) continue;
    batch.push_back({ref, t, value});
  }
  store.Commit(batch);
}

void ExpectSameStats(const HeadStats& a, const HeadStats& b) {
  EXPECT_EQ(a.num_series, b.num_series);
  EXPECT_EQ(a.num_label_pairs, b.num_label_pairs);
  EXPECT_EQ(a.num_chunks, b.num_chunks);
  EXPECT_EQ(a.num_samples, b.num_samples);
  EXPECT_EQ(a.range.min, b.range.min);
  EXPECT_EQ(a.range.max, b.range.max);
}

void EraseTimes(TimeRange times, std::string_view instance, Model& model) {
  for (auto& [labels, samples] : model) {
    if (labels.find(instance) == std::string::npos) continue;
    std::erase_if(samples, [&](const auto& sample) { return times.Contains(sample.first); });
  }
  std::erase_if(model, [](const auto& series) { return series.second.empty(); });
}

void DeleteSome(Store& store, std::mt19937_64& random, size_t step, Model& model) {
  const std::string instance = StrCat("host-", random() % 3);
  const auto host = LabelMatcher::Equal("instance", instance);
  const TimestampMs from = kStart + static_cast<TimestampMs>(random() % (step + 1)) * kInterval;
  const TimeRange times{from, from + static_cast<TimestampMs>(random() % 20) * kInterval};
  ASSERT_TRUE(store.head().Delete({&host, 1}, times).ok());
  EraseTimes(times, StrCat("\"", instance, "\""), model);
}

// As if what is older had gone into a block; then series without samples leave.
void CutSome(Store& store, size_t step, Model& model) {
  const TimestampMs before = kStart + static_cast<TimestampMs>(step / 2) * kInterval;
  const absl::StatusOr<HeadCut> cut = store.head().BeginCut(before);
  ASSERT_TRUE(cut.ok()) << cut.status();
  store.head().EndCut(*cut);
  for (int round = 0; round < 2; ++round) store.head().RetireIdle(before);
  store.head().FreeRetired();
  store.Checkpoint(CheckpointMode::kFull, true);
  // A chunk that reaches over `before` stays whole: what is in the store says what was taken.
  const Model left = store.Dump();
  for (const auto& [labels, samples] : model) {
    const auto found = left.find(labels);
    for (const auto& [t, bits] : samples) {
      ASSERT_TRUE(t < before || (found != left.end() && found->second.contains(t)));
    }
  }
  model = left;
}

// What is in one and not in the other, a few of it.
std::string Difference(const Model& found, const Model& want) {
  std::string text;
  const auto compare = [&](const Model& a, const Model& b, std::string_view what) {
    for (const auto& [labels, samples] : a) {
      const auto series = b.find(labels);
      for (const auto& [t, bits] : samples) {
        const bool there =
            series != b.end() && series->second.contains(t) && series->second.at(t) == bits;
        if (!there && text.size() < 1000) {
          StrAppend(&text, what, labels, " ", t - kStart, " ", std::bit_cast<double>(bits), "\n");
        }
      }
    }
  };
  compare(found, want, "not expected: ");
  compare(want, found, "missing: ");
  return text;
}

TEST(HeadCheckpointTest, RandomHeadsComeBack) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const testing::TempDirectory directory;
  Model model;
  auto store = std::make_unique<Store>(directory.path());
  size_t num_series = 100;
  for (size_t step = 0; step < 400; ++step) {
    if (random() % 10 == 0) num_series += random() % 50;
    CommitRandomBatch(*store, random, num_series, step, model);
    if (random() % 12 == 0) {
      store->Checkpoint(random() % 4 == 0 ? CheckpointMode::kFull : CheckpointMode::kIncremental,
                        random() % 2 == 0);
    }
    if (random() % 15 == 0) DeleteSome(*store, random, step, model);
    if (random() % 60 == 0) CutSome(*store, step, model);
    if (random() % 30 > 0) continue;
    const HeadStats before = store->head().Stats();
    ASSERT_EQ(Difference(store->Dump(), model), "") << "step " << step;
    store.reset();
    store = std::make_unique<Store>(directory.path());
    ASSERT_EQ(Difference(store->Dump(), model), "") << "step " << step;
    ASSERT_TRUE(store->loaded().damaged.empty());
    ExpectSameStats(store->head().Stats(), before);
  }
}

// Files of a directory by name; all of them.
std::vector<std::string> Names(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(HeadCheckpointTest, ReplaysOnlyWhatCameAfter) {
  const testing::TempDirectory directory;
  Model model;
  std::mt19937_64 random(1);
  {
    Store store(directory.path());
    EXPECT_EQ(store.loaded().covers, 1u);
    for (size_t step = 0; step < 10; ++step) CommitRandomBatch(store, random, 50, step, model);
    EXPECT_EQ(store.Checkpoint(CheckpointMode::kIncremental, false), 11u);
    for (size_t step = 10; step < 13; ++step) CommitRandomBatch(store, random, 60, step, model);
  }
  {
    Store store(directory.path());
    EXPECT_EQ(store.num_replayed(), 3u);
    EXPECT_EQ(Difference(store.Dump(), model), "");
    // Goes on as an increment of what was loaded.
    EXPECT_EQ(store.Checkpoint(CheckpointMode::kIncremental, false), 14u);
    EXPECT_EQ(Names(directory.path() + "/checkpoint"),
              (std::vector<std::string>{"manifest", "series-000001.sst", "series-000003.sst",
                                        "state-000004.sst"}));
    store.Checkpoint(CheckpointMode::kFull, false);
    EXPECT_EQ(Names(directory.path() + "/checkpoint"),
              (std::vector<std::string>{"manifest", "series-000005.sst", "state-000006.sst"}));
  }
  // With nothing in the journal, numbers go on.
  {
    Store store(directory.path());
    store.Checkpoint(CheckpointMode::kIncremental, true);
  }
  Store store(directory.path());
  EXPECT_EQ(store.num_replayed(), 0u);
  EXPECT_EQ(Difference(store.Dump(), model), "");
  CommitRandomBatch(store, random, 60, 20, model);
  EXPECT_EQ(store.Checkpoint(CheckpointMode::kIncremental, true), 15u);
}

// Replay from the very first batch over a checkpoint changes nothing.
TEST(CheckpointedSeriesTest, CoversWhatItsSlabDoes) {
  EXPECT_FALSE(CheckpointedSeries().Covers(0, 0));
  CheckpointedSeries checkpointed(2 * StateSlab::kSeries);
  EXPECT_FALSE(checkpointed.Covers(0, 0));
  checkpointed.Add(1, 10);
  checkpointed.Add(StateSlab::kSeries + 3, 20);
  struct Case {
    uint32_t series;
    uint64_t batch;
    bool covered;
  };
  for (const Case& c : std::initializer_list<Case>{{1, 9, true},
                                                   {1, 10, false},
                                                   {0, 9, false},
                                                   {StateSlab::kSeries + 3, 19, true},
                                                   {StateSlab::kSeries + 3, 20, false},
                                                   {2 * StateSlab::kSeries, 0, false},
                                                   {UINT32_MAX, 0, false}}) {
    EXPECT_EQ(checkpointed.Covers(c.series, c.batch), c.covered) << c.series << " " << c.batch;
  }
  checkpointed.Remove(1);
  checkpointed.Remove(UINT32_MAX);
  EXPECT_FALSE(checkpointed.Covers(1, 9));
}

TEST(StateSlabTest, SaysWhichBatchesItCovers) {
  StateSlab slab;
  slab.Add(7, 1000);
  slab.AddAdmitted(1000, 42);
  slab.images()->append("image");
  const std::string encoded = slab.Encode(4711);
  auto view = StateSlab::Decode(encoded);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->covers, 4711u);
  EXPECT_EQ(view->numbers[0], 7u);
  EXPECT_EQ(view->images, "image");
  // As it was written before.
  std::string first_version = encoded;
  first_version.erase(5, 8);
  first_version[0] = 1;
  view = StateSlab::Decode(first_version);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->covers, 0u);
  EXPECT_EQ(view->numbers[0], 7u);
  EXPECT_EQ(view->images, "image");
}

TEST(HeadCheckpointTest, ReplayIsIdempotent) {
  const testing::TempDirectory directory;
  Model model;
  std::mt19937_64 random(2);
  {
    Store store(directory.path());
    for (size_t step = 0; step < 300; ++step) CommitRandomBatch(store, random, 40, step, model);
    store.Checkpoint(CheckpointMode::kFull, false);
  }
  const HeadStats before = Store(directory.path()).head().Stats();
  Store store(directory.path(), /*replay_all=*/true);
  EXPECT_EQ(store.num_replayed(), 300u);
  EXPECT_EQ(Difference(store.Dump(), model), "");
  ExpectSameStats(store.head().Stats(), before);
}

TEST(HeadCheckpointTest, BesideCommits) {
  constexpr size_t kThreads = 3, kSteps = 300, kSeries = 700;
  const testing::TempDirectory directory;
  Model model;
  {
    Store store(directory.path());
    std::atomic<size_t> num_done = 0;
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (size_t step = 0; step < kSteps; ++step) {
          std::vector<SeriesSample> batch;
          const size_t num_series = kSeries * (step + 50) / (kSteps + 50);
          for (size_t i = thread; i < num_series; i += kThreads) {
            const auto t = kStart + static_cast<TimestampMs>(step) * 1000;
            batch.push_back(
                {*store.head().GetOrCreate(Labels(i), nullptr), t, static_cast<double>(step * i)});
            if (step % 10 == 9 && i % 5 == 0) {
              batch.push_back({batch.back().series, t - 5500, static_cast<double>(i)});
            }
          }
          store.Commit(batch);
        }
        ++num_done;
      });
    }
    for (size_t i = 0; num_done < kThreads; ++i) {
      store.Checkpoint(i % 4 == 0 ? CheckpointMode::kFull : CheckpointMode::kIncremental, true);
    }
    for (std::thread& thread : threads) thread.join();
    model = store.Dump();
  }
  size_t num_samples = 0;
  for (const auto& [labels, samples] : model) num_samples += samples.size();
  EXPECT_GT(num_samples, kSeries * kSteps / 2);
  Store store(directory.path());
  EXPECT_EQ(Difference(store.Dump(), model), "");
  EXPECT_TRUE(store.loaded().damaged.empty());
}

// A head with a chain of checkpoints and a journal that ends with one batch after them.
class DamageTest : public ::testing::Test {
 protected:
  static constexpr size_t kSteps = 150;

  void Build(bool trim, size_t num_series = 500) {
    std::mt19937_64 random(3);
    Store store(directory_.path() + "/good");
    for (size_t step = 0; step < kSteps; ++step) {
      CommitRandomBatch(store, random, num_series + step / 2, step, model_);
      if (step % 70 == 60) {
        store.Checkpoint(step < 70 ? CheckpointMode::kFull : CheckpointMode::kIncremental, trim);
      }
    }
  }
  // A copy of it to be damaged.
  std::string Copy() {
    const std::string path = directory_.path() + "/copy";
    fs::remove_all(path);
    fs::copy(directory_.path() + "/good", path, fs::copy_options::recursive);
    return path;
  }
  // Nothing is in the store that was not written. How many samples are missing.
  size_t NumMissing(const Model& found) {
    size_t num_missing = 0, num_wrong = 0;
    for (const auto& [labels, samples] : model_) {
      const auto series = found.find(labels);
      for (const auto& [t, bits] : samples) {
        const bool there = series != found.end() && series->second.contains(t);
        num_missing += there ? 0 : 1;
        num_wrong += there && series->second.at(t) != bits ? 1 : 0;
      }
    }
    for (const auto& [labels, samples] : found) {
      const auto series = model_.find(labels);
      for (const auto& [t, bits] : samples) {
        num_wrong += series != model_.end() && series->second.contains(t) ? 0 : 1;
      }
    }
    EXPECT_EQ(num_wrong, 0u);
    return num_missing;
  }
  // Opens the damaged copy, and again after a checkpoint. How many samples are missing.
  size_t Open(const std::string& path, const std::string& damaged) {
    Model found;
    {
      Store store(path);
      const std::vector<std::string> want = {path + "/checkpoint/" + damaged};
      EXPECT_EQ(store.loaded().damaged, want);
      EXPECT_EQ(store.loaded().replay_from, 1u);
      found = store.Dump();
      const bool missing = !fs::exists(want[0]);
      EXPECT_EQ(fs::exists(path + "/damaged/checkpoint-" + damaged), !missing);
      store.Checkpoint(CheckpointMode::kIncremental, true);
    }
    Store store(path);
    EXPECT_TRUE(store.loaded().damaged.empty());
    EXPECT_EQ(store.Dump(), found);
    return NumMissing(found);
  }

  testing::TempDirectory directory_;
  Model model_;
};

void Flip(const std::string& path, uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

TEST_F(DamageTest, NothingIsLostWhileTheJournalHasIt) {
  Build(/*trim=*/false);
  for (const std::string& name : Names(directory_.path() + "/good/checkpoint")) {
    SCOPED_TRACE(name);
    for (const int part : {1, 3}) {
      const std::string path = Copy(), file = path + "/checkpoint/" + name;
      Flip(file, fs::file_size(file) * static_cast<uint64_t>(part) / 4);
      EXPECT_EQ(Open(path, name), 0u);
    }
    std::string path = Copy();
    fs::resize_file(path + "/checkpoint/" + name, fs::file_size(path + "/checkpoint/" + name) / 2);
    EXPECT_EQ(Open(path, name), 0u);
    path = Copy();
    fs::resize_file(path + "/checkpoint/" + name, 0);
    EXPECT_EQ(Open(path, name), 0u);
    if (name == "manifest") continue;
    path = Copy();
    fs::remove(path + "/checkpoint/" + name);
    EXPECT_EQ(Open(path, name), 0u);
  }
}

TEST_F(DamageTest, TheRestStaysWhereTheJournalHasIt) {
  Build(/*trim=*/true, /*num_series=*/2000);
  size_t num_samples = 0;
  for (const auto& [labels, samples] : model_) num_samples += samples.size();
  for (const std::string& name : Names(directory_.path() + "/good/checkpoint")) {
    SCOPED_TRACE(name);
    const bool manifest = name == "manifest";
    std::string path = Copy(), file = path + "/checkpoint/" + name;
    Flip(file, fs::file_size(file) / 3);
    // One slab of a few.
    EXPECT_LT(Open(path, name), manifest ? 1 : num_samples * 3 / 4);
    path = Copy();
    fs::resize_file(path + "/checkpoint/" + name, 100);
    EXPECT_LT(Open(path, name), manifest ? 1 : num_samples);
  }
  // A missing manifest: the files say what belongs together.
  const std::string path = Copy();
  fs::remove(path + "/checkpoint/manifest");
  Store store(path);
  EXPECT_TRUE(store.loaded().damaged.empty());
  EXPECT_EQ(Difference(store.Dump(), model_), "");
}

TEST_F(DamageTest, FilesOfAnUnfinishedCheckpointGo) {
  Build(/*trim=*/false);
  const std::string path = Copy();
  const std::vector<std::string> names = Names(path + "/checkpoint");
  fs::copy_file(path + "/checkpoint/" + names.back(), path + "/checkpoint/state-000077.sst");
  std::ofstream(path + "/checkpoint/series-000076.sst") << "half of it";
  {
    Store store(path);
    EXPECT_TRUE(store.loaded().damaged.empty());
    EXPECT_EQ(Names(path + "/checkpoint"), names);
    EXPECT_EQ(Difference(store.Dump(), model_), "");
  }
  // All there is is unfinished.
  fs::remove_all(path + "/checkpoint");
  fs::create_directory(path + "/checkpoint");
  std::ofstream(path + "/checkpoint/series-000001.sst") << "half of it";
  Store store(path);
  EXPECT_TRUE(store.loaded().damaged.empty());
  EXPECT_TRUE(Names(path + "/checkpoint").empty());
  EXPECT_EQ(Difference(store.Dump(), model_), "");
}

TEST_F(DamageTest, AFailedCheckpointLeavesTheOneBefore) {
  Build(/*trim=*/true);
  const std::string path = Copy();
  const std::vector<std::string> names = Names(path + "/checkpoint");
  {
    Store store(path);
    uint64_t covers = 0;
    {
      const testing::FileSizeLimit limit(10'000);
      EXPECT_FALSE(store.head()
                       .WriteCheckpoint(path + "/checkpoint", CheckpointMode::kIncremental, &covers)
                       .ok());
    }
    EXPECT_EQ(Names(path + "/checkpoint"), names);
  }
  {
    Store store(path);
    EXPECT_EQ(Difference(store.Dump(), model_), "");
    const testing::FileSizeLimit limit(10'000);
    uint64_t covers = 0;
    EXPECT_FALSE(
        store.head().WriteCheckpoint(path + "/checkpoint", CheckpointMode::kFull, &covers).ok());
  }
  Store store(path);
  store.Checkpoint(CheckpointMode::kIncremental, true);
  EXPECT_EQ(Difference(store.Dump(), model_), "");
}

}  // namespace
}  // namespace tidemark::tsdb
