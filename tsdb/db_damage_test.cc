#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "base/io/file.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_blocks.h"
#include "tsdb/block_inspection.h"
#include "tsdb/db.h"
#include "tsdb/journal/journal_writer.h"
#include "tsdb/storage_format.h"

// Every kind of file in a data directory, damaged in every way: the store opens, says which file it
// is, serves what is in the others, and never a value that was not stored.
// TIDEMARK_DAMAGE_SEED repeats a run.

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;
using tidemark::testing::AddSample;
using tidemark::testing::StoredSamples;

constexpr TimestampMs kStart = 1'700'006'400'000;  // a multiple of the block range
constexpr DurationMs kBlockRange = kHour;
constexpr int kNumSamples = 60;

// Where the samples of a series are, and nowhere else.
constexpr std::string_view kBlock = "block", kOtherBlock = "other block",
                           kCheckpoint = "checkpoint", kTable = "table", kLog = "log";

std::string Read(const std::string& path) { return *ReadFile(path); }
void Write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::vector<std::string> FilesOf(const std::string& directory, std::string_view part) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename().string().find(part) != std::string::npos) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

LabelSet Labels(std::string_view place, std::string_view name) {
  return {{"__name__", std::string(name)},
          {"kind", name == "histogram" ? "histogram" : ""},
          {"place", std::string(place)}};
}

// Samples of four series at one place. One of them ends in a value that differs from all others.
StoredSamples SamplesAt(std::string_view place, TimestampMs start) {
  StoredSamples samples;
  for (int i = 0; i < kNumSamples; ++i) {
    const TimestampMs t = start + i * 10 * kSecond;
    AddSample(Labels(place, "counter"), t, i, samples);
    AddSample(Labels(place, "gauge"), t, static_cast<double>(t % 977) * 0.1, samples);
    AddSample(Labels(place, "histogram"), t, static_cast<double>(i) * 0.25, samples);
    AddSample(Labels(place, "doomed"), t, -i, samples);
  }
  return samples;
}

// A closed store with something in every kind of file, made once for all tests.
class Whole {
 public:
  static const Whole& Get() {
    static const Whole* const whole = new Whole;
    return *whole;
  }

  const std::string& path() const { return options_.path; }
  const Options& options() const { return options_; }
  // What is stored; and that with what was deleted.
  const StoredSamples& present() const { return present_; }
  const StoredSamples& ever() const { return ever_; }

 private:
  Whole() {
    options_.path = directory_.path() + "/data";
    options_.retention = 0;
    options_.min_block_range = options_.max_block_range = kBlockRange;
    options_.checkpoint_bytes = 1;  // whenever it is asked for
    options_.fsync = FsyncPolicy::kNever;
    options_.max_future = 100 * kDay;
    Fill();
  }
  void Fill() {
    auto db = Open();
    Append(*db, kBlock, kStart);
    Append(*db, kOtherBlock, kStart + kBlockRange);
    Append(*db, kCheckpoint, kStart + 3 * kBlockRange);
    EXPECT_TRUE(db->Maintain().ok());  // cuts the first two
    EXPECT_EQ(db->Blocks().size(), 2u);
    // The next checkpoint is in two files of series and one of state.
    Append(*db, kCheckpoint, kStart + 3 * kBlockRange + kHour / 4);
    Delete(*db, kCheckpoint);
    EXPECT_TRUE(db->Maintain().ok());
    Delete(*db, kBlock);  // later rounds would rewrite the block
    Append(*db, kTable, kStart + 3 * kBlockRange);
    db.reset();
    MoveJournalToTable();
    db = Open();
    Append(*db, kLog, kStart + 3 * kBlockRange);
    EXPECT_TRUE(*testing::ReadAll(*db->NewQuerier()) == present_);
  }
  std::unique_ptr<Db> Open() {
    auto db = Db::Open(options_, clock_, metrics_);
    EXPECT_TRUE(db.ok()) << db.status();
    return *std::move(db);
  }
  void Append(Db& db, std::string_view place, TimestampMs start) {
    const StoredSamples samples = SamplesAt(place, start);
    EXPECT_TRUE(testing::Append(samples, db).ok());
    for (StoredSamples* all : {&present_, &ever_}) {
      for (const auto& [labels, times] : samples) {
        (*all)[labels].insert(times.begin(), times.end());
      }
    }
  }
  void Delete(Db& db, std::string_view place) {
    const LabelMatcher matchers[] = {LabelMatcher::Equal("place", std::string(place)),
                                     LabelMatcher::Equal("__name__", "doomed")};
    EXPECT_TRUE(db.Delete(matchers, TimeRange()).ok());
    present_.erase(Labels(place, "doomed"));
  }
  // What is in the log goes to a table.
  void MoveJournalToTable() const {
    const std::string head = StrCat(options_.path, "/", kHeadDirectory);
    auto store = KvStore::Open({.path = head, .families = {std::string(kJournalFamilyName)}});
    ASSERT_TRUE(store.ok()) << store.status();
    // Every call writes what is in memory to a table, in the background, and begins a log: a spin
    // would make thousands of both.
    const auto is_moved = [&] {
      return !FilesOf(head, ".sst").empty() && FilesOf(head, ".log").size() == 1;
    };
    do {
      ASSERT_TRUE((*store)->DropBefore(0, JournalKey(1)).ok());
      for (int i = 0; i < 1000 && !is_moved(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    } while (!is_moved());
  }

  const testing::TempDirectory directory_;
  FakeClock clock_{kStart + kDay};
  MetricRegistry metrics_;
  Options options_;
  StoredSamples present_, ever_;
};

struct FileKind {
  friend void PrintTo(const FileKind& kind, std::ostream* os) { *os << kind.name; }

  std::string_view name, directory, part;  // of the file's name
  size_t which = 0;                        // of those files, by name
  std::vector<std::string_view> at_stake = {};
  std::string_view reported_as = {};  // in the log, where that is not its name
};

std::vector<FileKind> FileKinds() {
  const std::vector<std::string_view> head = {kCheckpoint, kTable, kLog};
  std::vector<FileKind> kinds = {
      {"Format", "", kFormatFile},
      {"Cut", "", kCutFile},
      {"JournalEnd", "", kJournalEndFile},
      {"Current", kHeadDirectory, "CURRENT"},
      {"Manifest", kHeadDirectory, "MANIFEST"},
      {"Options", kHeadDirectory, "OPTIONS"},
      {"Identity", kHeadDirectory, "IDENTITY"},
      {"JournalTable", kHeadDirectory, ".sst", 0, {kTable}},
      {"JournalLog", kHeadDirectory, ".log", 0, {kLog}, "batches"},
      {"CheckpointManifest", kCheckpointDirectory, "manifest"},
      {"CheckpointSeries", kCheckpointDirectory, "series", 0, {kCheckpoint}},
      {"CheckpointState", kCheckpointDirectory, "state", 0, {kCheckpoint}},
  };
  for (const std::string_view file : {"meta.json", "index.sst", "chunks.sst", "tombstones"}) {
    kinds.push_back({file, kBlocksDirectory, file, 0, {kBlock}});
  }
  return kinds;
}

struct Damage {
  std::string name;
  std::function<void(const std::string& path)> apply;
};

std::vector<Damage> AllDamage(std::mt19937_64& random) {
  std::vector<Damage> all = {
      {"deleted", [](const std::string& path) { fs::remove(path); }},
      {"emptied", [](const std::string& path) { Write(path, ""); }},
  };
  const auto truncated = static_cast<double>(random() % 1000) / 1000;
  all.push_back({StrCat("truncated to ", truncated), [truncated](const std::string& path) {
                   const std::string bytes = Read(path);
                   const auto kept = static_cast<double>(bytes.size()) * truncated;
                   Write(path, bytes.substr(0, static_cast<size_t>(kept)));
                 }});
  for (int i = 0; i < 3; ++i) {
    const uint64_t where = random();
    const auto bit = static_cast<char>(1 << random() % 8);
    all.push_back({StrCat("flipped ", where), [=](const std::string& path) {
                     std::string bytes = Read(path);
                     if (bytes.empty()) return;
                     bytes[where % bytes.size()] ^= bit;
                     Write(path, bytes);
                   }});
  }
  return all;
}

class DbDamageTest : public ::testing::TestWithParam<FileKind> {
 protected:
  DbDamageTest() {
    options_ = whole_.options();
    options_.path = directory_.path() + "/data";
  }

  void Open() {
    metrics_ = std::make_unique<MetricRegistry>();
    auto db = Db::Open(options_, clock_, *metrics_);
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
  }
  // A new copy with one damaged file; its name, or that of its block.
  std::string Restore(const FileKind& kind, const Damage& damage) {
    db_.reset();
    fs::remove_all(options_.path);
    fs::copy(whole_.path(), options_.path, fs::copy_options::recursive);
    std::string directory = StrCat(options_.path, "/", kind.directory);
    if (kind.directory == kBlocksDirectory) directory = OldestBlock();
    const std::string path = FilesOf(directory, kind.part).at(kind.which);
    damage.apply(path);
    // RocksDB speaks of tables by another extension.
    return fs::path(kind.directory == kBlocksDirectory ? directory : path).stem().string();
  }
  std::string OldestBlock() const {
    std::vector<std::string> damages;
    return ListBlocks(options_.path, &damages)->front().directory;
  }
  // Everything; where a block turns out damaged on the way, the store gets to set it aside first.
  StoredSamples ReadAll(const std::string& damaged) {
    auto found = testing::ReadAll(*db_->NewQuerier());
    if (!found.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(found.status())) << found.status();
      EXPECT_THAT(std::string(found.status().message()), ::testing::HasSubstr(damaged));
      const absl::Status maintained = db_->Maintain();
      EXPECT_TRUE(maintained.ok()) << maintained;
      found = testing::ReadAll(*db_->NewQuerier());
    }
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : StoredSamples();
  }
  double NumReported() const {
    double count = metrics_->AddCounter("tidemark_tsdb_blocks_damaged_total", "").Value() +
                   metrics_->AddCounter("prometheus_tsdb_wal_corruptions_total", "").Value();
    for (const std::string part : {"directory", "journal", "checkpoint"}) {
      count +=
          metrics_->AddCounter("tidemark_tsdb_files_damaged_total", "", {{"part", part}}).Value();
    }
    return count;
  }

  const Whole& whole_ = Whole::Get();
  testing::TempDirectory directory_;
  Options options_;
  FakeClock clock_{kStart + kDay};
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<Db> db_;
};

// Whether `a` has nothing that `b` has not.
void ExpectWithin(const StoredSamples& a, const StoredSamples& b, std::string_view what) {
  for (const auto& [labels, samples] : a) {
    const auto other = b.find(labels);
    for (const auto& [t, bits] : samples) {
      const bool has = other != b.end() && other->second.contains(t);
      ASSERT_TRUE(has && other->second.at(t) == bits) << what << labels.ToString() << " at " << t;
    }
  }
}

TEST_P(DbDamageTest, TheRestIsServed) {
  const FileKind& kind = GetParam();
  const char* given = std::getenv("TIDEMARK_DAMAGE_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::mt19937_64 random(seed);
  for (const Damage& damage : AllDamage(random)) {
    SCOPED_TRACE(StrCat(damage.name, ", TIDEMARK_DAMAGE_SEED=", seed));
    const std::string name = Restore(kind, damage);
    ::testing::internal::CaptureStderr();
    Open();
    const StoredSamples found = HasFatalFailure() ? StoredSamples() : ReadAll(name);
    const std::string log = ::testing::internal::GetCapturedStderr();
    if (HasFailure()) {
      FAIL() << log;
    }

    ExpectWithin(found, whole_.ever(), "never stored: ");
    StoredSamples safe = whole_.present();
    std::erase_if(safe, [&](const auto& series) {
      const std::string_view place = series.first.Get("place");
      return std::find(kind.at_stake.begin(), kind.at_stake.end(), place) != kind.at_stake.end();
    });
    ExpectWithin(safe, found, "missing: ");
    const bool is_whole = found == whole_.present();
    EXPECT_TRUE(is_whole || NumReported() > 0) << log;
    if (NumReported() > 0) {
      EXPECT_THAT(log, ::testing::HasSubstr(
                           kind.reported_as.empty() ? name : std::string(kind.reported_as)));
    }

    // It can be written, and is whole from now on.
    StoredSamples after = found;
    const StoredSamples more = SamplesAt("new", kStart + 3 * kBlockRange);
    ASSERT_TRUE(testing::Append(more, *db_).ok());
    after.insert(more.begin(), more.end());
    ASSERT_TRUE(db_->Maintain().ok());
    db_.reset();
    Open();
    EXPECT_TRUE(ReadAll("none") == after);
    EXPECT_EQ(NumReported(), 0);
    if (HasFailure()) {
      FAIL() << log;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(File, DbDamageTest, ::testing::ValuesIn(FileKinds()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           std::erase(name, '.');
                           return name;
                         });

}  // namespace
}  // namespace tidemark::tsdb
