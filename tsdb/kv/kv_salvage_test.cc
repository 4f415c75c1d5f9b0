#include "tsdb/kv/kv_salvage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

std::string Key(int i) { return StrCat("key-", 100 + i); }
std::string Value(int i) { return std::string(1000, static_cast<char>('a' + i % 26)); }

// A store of 30 keys: 0 to 9 and 10 to 19 each in a table, 20 to 29 in the log.
class KvSalvageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Make();
    fs::copy(options_.path, directory_.path() + "/whole");
  }
  void Again() {
    store_.reset();
    fs::remove_all(options_.path);
    fs::remove_all(directory_.path() + "/damaged");
    fs::copy(directory_.path() + "/whole", options_.path);
  }
  void Make() {
    Open();
    for (int i = 0; i < 30; ++i) {
      Put(i);
      if (i % 10 != 9 || i == 29) continue;
      // Writes what is in memory to a table, in the background; then the log of it goes.
      ASSERT_TRUE(store_->DropBefore(0, "a").ok());
      while (NumFiles(".sst") < (i + 1) / 10 || NumFiles(".log") > 1) std::this_thread::yield();
    }
    ASSERT_TRUE(store_->Close().ok());
    ASSERT_EQ(NumFiles(".sst"), 2);
    ASSERT_EQ(NumFiles(".log"), 1);
  }
  void Put(int i) {
    const std::string key = Key(i), value = Value(i);
    const KvStore::Write write{0, key, value};
    const absl::Status status = store_->Put({&write, 1});
    ASSERT_TRUE(status.ok()) << status;
  }
  void Open() {
    store_.reset();
    auto store = KvStore::Open(options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  // The numbers of the keys that can be read, damaged blocks passed over.
  std::set<int> Keys() {
    std::set<int> found;
    const auto it = store_->NewIterator(0);
    EXPECT_TRUE(it.ok()) << it.status();
    for (int i = 0; i < 40; ++i) {
      (*it)->Seek(Key(i));
      if (!(*it)->Valid() || (*it)->key() != Key(i)) continue;
      EXPECT_EQ((*it)->value(), Value(i)) << i;
      found.insert(i);
    }
    return found;
  }
  std::vector<std::string> Files(std::string_view part) const {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(options_.path)) {
      const std::string name = entry.path().filename().string();
      if (name.find(part) != std::string::npos) files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  int NumFiles(std::string_view part) const { return static_cast<int>(Files(part).size()); }

  testing::TempDirectory directory_;
  KvStore::Options options_{directory_.path() + "/kv", {"journal"}, ""};
  std::unique_ptr<KvStore> store_;
};

std::string Read(const std::string& path) { return *ReadFile(path); }
void Write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

struct Damage {
  std::string name;
  std::function<void(const std::string& path)> apply;
};

std::vector<Damage> AllDamage() {
  std::vector<Damage> all = {
      {"deleted", [](const std::string& path) { fs::remove(path); }},
      {"emptied", [](const std::string& path) { Write(path, ""); }},
  };
  for (const int eighth : {1, 7}) {
    const auto at = [eighth](const std::string& bytes) { return bytes.size() * eighth / 8; };
    all.push_back({StrCat("cut at ", eighth, "/8"), [at](const std::string& path) {
                     const std::string bytes = Read(path);
                     Write(path, bytes.substr(0, at(bytes)));
                   }});
  }
  for (const int eighth : {0, 3, 5, 8}) {
    all.push_back({StrCat("flipped at ", eighth, "/8"), [eighth](const std::string& path) {
                     std::string bytes = Read(path);
                     if (bytes.empty()) return;
                     char& c = bytes[std::min(bytes.size() * eighth / 8, bytes.size() - 1)];
                     c = static_cast<char>(c ^ 0x10);
                     Write(path, bytes);
                   }});
  }
  for (const int from_end : {11, 45, 52}) {
    all.push_back(
        {StrCat("flipped ", from_end, " from the end"), [from_end](const std::string& path) {
           std::string bytes = Read(path);
           if (bytes.size() <= static_cast<size_t>(from_end)) return;
           char& c = bytes[bytes.size() - static_cast<size_t>(from_end)];
           c = static_cast<char>(c ^ 0x81);
           Write(path, bytes);
         }});
  }
  return all;
}

// Whatever happens to one file, the store opens, and the keys of all others are there.
TEST_F(KvSalvageTest, OneDamagedFile) {
  std::set<int> all, tables, first_lost, second_lost;
  for (int i = 0; i < 30; ++i) {
    all.insert(i);
    if (i < 20) tables.insert(i);
    if (i >= 10) first_lost.insert(i);
    if (i < 10 || i >= 20) second_lost.insert(i);
  }
  struct Case {
    std::string_view file;
    size_t which;
    std::set<int> want;  // at least
    size_t max_damage = 100;
  };
  const Case kCases[] = {
      {"CURRENT", 0, all},      {"MANIFEST", 0, all}, {"OPTIONS", 0, all, 3},
      {"IDENTITY", 0, all, 3},  {".log", 0, tables},  {".sst", 0, first_lost},
      {".sst", 1, second_lost},
  };
  for (const Case& c : kCases) {
    std::vector<Damage> damages = AllDamage();
    damages.resize(std::min(damages.size(), c.max_damage));
    for (const Damage& damage : damages) {
      SCOPED_TRACE(StrCat(c.file, " ", c.which, " ", damage.name));
      Again();
      const std::string path = Files(c.file).at(c.which);
      damage.apply(path);
      ASSERT_NO_FATAL_FAILURE(Open());
      const std::set<int> keys = Keys();
      EXPECT_TRUE(std::includes(keys.begin(), keys.end(), c.want.begin(), c.want.end()));
      const KvStore::OpenReport report = store_->open_report();
      EXPECT_EQ(report.was_rebuilt || report.num_restored > 0, !report.set_aside.empty());
      for (const std::string& aside : report.set_aside) EXPECT_TRUE(fs::exists(aside)) << aside;
      // It can be written, and is whole from now on.
      Put(30);
      ASSERT_TRUE(store_->Close().ok());
      ASSERT_NO_FATAL_FAILURE(Open());
      EXPECT_TRUE(store_->open_report().set_aside.empty());
      EXPECT_EQ(Keys().size(), keys.size() + 1);
    }
  }
}

// Values that take several blocks of the log: RocksDB opens no such log that is damaged.
TEST_F(KvSalvageTest, ALogOfLongRecords) {
  constexpr int kNumKeys = 30;
  store_.reset();
  fs::remove_all(options_.path);
  Open();
  const auto value = [](int i) { return std::string(40'000, static_cast<char>('a' + i % 26)); };
  for (int i = 0; i < kNumKeys; ++i) {
    const std::string key = Key(i), bytes = value(i);
    const KvStore::Write write{0, key, bytes};
    ASSERT_TRUE(store_->Put({&write, 1}).ok());
  }
  ASSERT_TRUE(store_->Close().ok());
  const std::string path = Files(".log").at(0), whole = Read(path);
  fs::remove_all(directory_.path() + "/whole");
  fs::copy(options_.path, directory_.path() + "/whole");
  for (const size_t length : {1, 64, 70'000}) {
    for (const size_t at : {size_t{0}, size_t{4}, whole.size() / 3, whole.size() / 2,
                            size_t{40'100}, size_t{70'000}, size_t{80'200}}) {
      SCOPED_TRACE(StrCat(length, " bytes at ", at));
      Again();
      std::string bytes = whole;
      for (size_t i = at; i < at + length; ++i) bytes[i] = static_cast<char>(bytes[i] ^ 0x81);
      Write(path, bytes);
      ASSERT_NO_FATAL_FAILURE(Open());
      int num_found = 0;
      const auto it = *store_->NewIterator(0);
      for (int i = 0; i < kNumKeys; ++i) {
        it->Seek(Key(i));
        if (!it->Valid() || it->key() != Key(i)) continue;
        EXPECT_EQ(it->value(), value(i)) << i;
        ++num_found;
      }
      EXPECT_LT(num_found, kNumKeys);
      EXPECT_GE(num_found, kNumKeys - 2 - static_cast<int>(length / 32'768));
    }
  }
}

TEST_F(KvSalvageTest, AWholeStoreIsLeftAlone) {
  const std::vector<std::string> tables = Files(".sst");
  Open();
  EXPECT_EQ(Files(".sst"), tables);
  EXPECT_FALSE(store_->open_report().was_rebuilt);
  EXPECT_FALSE(fs::exists(directory_.path() + "/damaged"));
  EXPECT_TRUE(absl::IsFailedPrecondition(KvStore::Open(options_).status()));
}

TEST_F(KvSalvageTest, NothingButGarbage) {
  for (const auto& entry : fs::directory_iterator(options_.path)) {
    if (entry.path().filename() != "LOCK") Write(entry.path().string(), "garbage");
  }
  Open();
  EXPECT_TRUE(Keys().empty());
  EXPECT_TRUE(store_->open_report().was_rebuilt);
  EXPECT_GE(store_->open_report().num_damaged_files, 2u);
  Put(1);
}

// A table that a crash left before the manifest named it, and one that was never finished.
TEST_F(KvSalvageTest, LeftoversOfACrash) {
  fs::copy_file(Files(".sst").at(0), options_.path + "/000900.sst");
  Write(options_.path + "/000901.sst", Read(Files(".sst").at(1)).substr(0, 500));
  Open();
  EXPECT_EQ(Keys().size(), 30u);
  EXPECT_TRUE(store_->open_report().set_aside.empty());
  EXPECT_EQ(store_->open_report().num_damaged_files, 0u);
}

TEST_F(KvSalvageTest, ACrashBetweenTheSteps) {
  struct Case {
    std::string_view name;
    std::function<void(const std::string& path)> leave;
  };
  const Case kCases[] = {
      {"unfinished", [](const std::string& p) { fs::create_directories(p + ".tmp/x"); }},
      {"finished", [](const std::string& p) { fs::copy(p, p + ".rebuilt"); }},
      {"old one set aside", [](const std::string& p) { fs::rename(p, p + ".rebuilt"); }},
      {"looked at", [](const std::string& p) { fs::copy(p, p + ".links"); }},
      {"a table moved out",
       [](const std::string& p) {
         fs::create_directories(p + ".unnamed");
         for (const auto& entry : fs::directory_iterator(p)) {
           if (entry.path().extension() != ".sst") continue;
           fs::copy(entry.path(), p + ".unnamed/" + entry.path().filename().string());
         }
       }},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Again();
    c.leave(options_.path);
    ASSERT_NO_FATAL_FAILURE(Open());
    EXPECT_EQ(Keys().size(), 30u);
    for (const std::string_view suffix : {".rebuilt", ".links", ".unnamed"}) {
      EXPECT_FALSE(fs::exists(StrCat(options_.path, suffix))) << suffix;
    }
  }
}

}  // namespace
}  // namespace tidemark::tsdb
