#include "tsdb/block/block_set.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/time/time.h"

#include "base/io/file.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

namespace fs = std::filesystem;

// How often AwaitReaders asks whether to give up.
constexpr absl::Duration kGiveUpInterval = absl::Milliseconds(50);

bool IsLeftover(std::string_view name) {
  for (const std::string_view suffix : {kUnfinishedSuffix, kDeletedSuffix}) {
    if (name.ends_with(suffix) && IsUlid(name.substr(0, name.size() - suffix.size()))) return true;
  }
  return false;
}

absl::Status ToStatus(const std::error_code& error, std::string_view what, std::string_view path) {
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(StrCat(what, " ", path, ": ", error.message()));
}

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return ToStatus(error, "rename", from);
}

void RemoveDirectory(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) log::Warn("directory not removed", {{"path", path}, {"err", error.message()}});
}

// A block as the set holds it: when the last list that it is in has gone, its files go too where it
// has become obsolete.
struct OwnedBlock {
  explicit OwnedBlock(std::shared_ptr<Block> b) : block(std::move(b)) {}
  OwnedBlock(const OwnedBlock&) = delete;
  OwnedBlock& operator=(const OwnedBlock&) = delete;
  ~OwnedBlock() {
    block.reset();
    if (!obsolete_directory.empty()) RemoveDirectory(obsolete_directory);
  }
  const BlockMeta& meta() const { return block->meta(); }

  std::shared_ptr<Block> block;
  std::string obsolete_directory;  // set by the thread that holds edit_mu_ and a reference
};
using OwnedBlocks = std::vector<std::shared_ptr<OwnedBlock>>;

// Which lists exist. Lists share it, for they may outlive the set.
struct Ledger {
  absl::Mutex mu;
  std::set<uint64_t> lists ABSL_GUARDED_BY(mu);  // their numbers, which ascend by age

  bool AllFrom(uint64_t number) const ABSL_SHARED_LOCKS_REQUIRED(mu) {
    return lists.empty() || *lists.begin() >= number;
  }
};

std::shared_ptr<const BlockList> MakeList(const OwnedBlocks& blocks, uint64_t number,
                                          const std::shared_ptr<Ledger>& ledger) {
  auto list = std::make_unique<BlockList>();
  for (const std::shared_ptr<OwnedBlock>& owned : blocks) {
    list->push_back(std::shared_ptr<Block>(owned, owned->block.get()));
  }
  {
    absl::MutexLock lock(&ledger->mu);
    ledger->lists.insert(number);
  }
  return {list.release(), [ledger, number](const BlockList* gone) {
            delete gone;
            absl::MutexLock lock(&ledger->mu);
            ledger->lists.erase(number);
          }};
}

struct Metrics {
  explicit Metrics(MetricRegistry& registry)
      : loaded(registry.AddGauge("prometheus_tsdb_blocks_loaded", "Blocks that are served.")),
        bytes(registry.AddGauge("prometheus_tsdb_storage_blocks_bytes",
                                "Bytes on disk of the blocks that are served.")),
        reloads(registry.AddCounter("prometheus_tsdb_reloads_total",
                                    "Times that the list of blocks was put in place anew.")),
        reload_failures(registry.AddCounter(
            "prometheus_tsdb_reloads_failures_total",
            "Times that blocks written for the list of blocks could not be opened.")),
        damaged(registry.AddCounter("tidemark_tsdb_blocks_damaged_total",
                                    "Blocks that were set aside because they were damaged.")) {}

  Gauge& loaded;
  Gauge& bytes;
  Counter& reloads;
  Counter& reload_failures;
  Counter& damaged;
};

class DirectoryBlockSet : public BlockSet {
 public:
  DirectoryBlockSet(const std::string& directory, std::shared_ptr<BlockCache> cache,
                    MetricRegistry& registry)
      : blocks_directory_(StrCat(directory, "/blocks")),
        damaged_directory_(StrCat(directory, "/damaged")),
        cache_(std::move(cache)),
        metrics_(registry) {}

  absl::Status Load() ABSL_LOCKS_EXCLUDED(edit_mu_);

  const std::string& blocks_directory() const override { return blocks_directory_; }
  std::shared_ptr<const BlockList> Current() const override ABSL_LOCKS_EXCLUDED(current_mu_) {
    absl::MutexLock lock(&current_mu_);
    return current_;
  }
  absl::Status Replace(const std::vector<BlockMeta>& added,
                       const std::vector<std::string>& obsolete_ulids) override
      ABSL_LOCKS_EXCLUDED(edit_mu_);
  void SetDamagedAside() override ABSL_LOCKS_EXCLUDED(edit_mu_);
  bool AwaitReaders(const std::function<bool()>& give_up) override ABSL_LOCKS_EXCLUDED(edit_mu_);

 private:
  std::string PathOf(std::string_view name) const { return StrCat(blocks_directory_, "/", name); }
  absl::StatusOr<std::vector<std::string>> ListUlids() const;
  absl::StatusOr<std::shared_ptr<OwnedBlock>> OpenBlock(const std::string& ulid) const;
  void MoveToDamaged(const std::string& ulid, const absl::Status& reason);
  void RemoveMergedParents(OwnedBlocks& blocks);
  void MakeObsolete(OwnedBlock& owned);
  void SyncBlocksDirectory();
  // Shows readers `blocks` and gives the number of the new list.
  uint64_t Publish(OwnedBlocks blocks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(edit_mu_)
      ABSL_LOCKS_EXCLUDED(current_mu_);

  const std::string blocks_directory_, damaged_directory_;
  const std::shared_ptr<BlockCache> cache_;
  const std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
  Metrics metrics_;

  absl::Mutex edit_mu_;  // one change at a time; taken before current_mu_
  OwnedBlocks blocks_ ABSL_GUARDED_BY(edit_mu_);
  uint64_t num_lists_ ABSL_GUARDED_BY(edit_mu_) = 0;

  mutable absl::Mutex current_mu_;
  std::shared_ptr<const BlockList> current_ ABSL_GUARDED_BY(current_mu_);
};

absl::Status DirectoryBlockSet::Load() {
  absl::MutexLock lock(&edit_mu_);
  std::error_code error;
  fs::create_directories(blocks_directory_, error);
  RETURN_IF_ERROR(ToStatus(error, "make", blocks_directory_));
  ASSIGN_OR_RETURN(const std::vector<std::string> ulids, ListUlids());
  OwnedBlocks whole;
  for (const std::string& ulid : ulids) {
    absl::StatusOr<std::shared_ptr<OwnedBlock>> block = OpenBlock(ulid);
    if (block.ok()) {
      whole.push_back(*std::move(block));
    } else if (absl::IsDataLoss(block.status()) || absl::IsNotFound(block.status())) {
      MoveToDamaged(ulid, block.status());
    } else {
      return block.status();
    }
  }
  RemoveMergedParents(whole);
  Publish(std::move(whole));
  return absl::OkStatus();
}

// Removes what writers and deletions left, on the way. What has another name is not ours.
absl::StatusOr<std::vector<std::string>> DirectoryBlockSet::ListUlids() const {
  std::vector<std::string> ulids;
  std::error_code error;
  fs::directory_iterator it(blocks_directory_, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (IsLeftover(name)) {
      RemoveDirectory(PathOf(name));
    } else if (IsUlid(name)) {
      ulids.push_back(name);
    }
  }
  RETURN_IF_ERROR(ToStatus(error, "list", blocks_directory_));
  std::sort(ulids.begin(), ulids.end());
  return ulids;
}

absl::StatusOr<std::shared_ptr<OwnedBlock>> DirectoryBlockSet::OpenBlock(
    const std::string& ulid) const {
  ASSIGN_OR_RETURN(std::shared_ptr<Block> block, Block::Open(PathOf(ulid), cache_));
  if (block->meta().ulid != ulid) {
    return absl::DataLossError(
        StrCat(PathOf(ulid), "/", kMetaFile, " is that of block ", block->meta().ulid));
  }
  return std::make_shared<OwnedBlock>(std::move(block));
}

void DirectoryBlockSet::MoveToDamaged(const std::string& ulid, const absl::Status& reason) {
  metrics_.damaged.Increment();
  std::error_code error;
  fs::create_directories(damaged_directory_, error);
  std::string target = StrCat(damaged_directory_, "/", ulid);
  for (int n = 1; fs::exists(target, error); ++n) {
    target = StrCat(damaged_directory_, "/", ulid, ".", n);
  }
  absl::Status moved = Rename(PathOf(ulid), target);
  if (moved.ok()) moved = SyncDirectory(damaged_directory_);
  if (moved.ok()) moved = SyncDirectory(blocks_directory_);
  log::Error("damaged block set aside", {{"block", ulid},
                                         {"err", reason.ToString()},
                                         {"moved_to", moved.ok() ? target : moved.ToString()}});
}

// A crash between the birth of a merged block and the deletion of those it was made of leaves both.
void DirectoryBlockSet::RemoveMergedParents(OwnedBlocks& blocks) {
  std::set<std::string> merged;
  for (const auto& owned : blocks) {
    for (const std::string& parent : owned->meta().compaction.parents) merged.insert(parent);
  }
  std::erase_if(blocks, [&](const std::shared_ptr<OwnedBlock>& owned) {
    if (!merged.contains(owned->meta().ulid)) return false;
    log::Info("block removed that has been merged already", {{"block", owned->meta().ulid}});
    MakeObsolete(*owned);
    return true;
  });
}

void DirectoryBlockSet::MakeObsolete(OwnedBlock& owned) {
  const std::string path = PathOf(owned.meta().ulid);
  const std::string aside = StrCat(path, kDeletedSuffix);
  if (const absl::Status renamed = Rename(path, aside); !renamed.ok()) {
    log::Warn("obsolete block not deleted", {{"err", renamed.ToString()}});
    return;
  }
  owned.obsolete_directory = aside;
}

void DirectoryBlockSet::SyncBlocksDirectory() {
  if (const absl::Status synced = SyncDirectory(blocks_directory_); !synced.ok()) {
    log::Warn("blocks directory not synced", {{"err", synced.ToString()}});
  }
}

uint64_t DirectoryBlockSet::Publish(OwnedBlocks blocks) {
  std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) {
    return std::pair(a->meta().min_time, std::string_view(a->meta().ulid)) <
           std::pair(b->meta().min_time, std::string_view(b->meta().ulid));
  });
  const uint64_t number = ++num_lists_;
  std::shared_ptr<const BlockList> list = MakeList(blocks, number, ledger_);
  double bytes = 0;
  for (const auto& owned : blocks) bytes += static_cast<double>(owned->block->disk_bytes());
  metrics_.loaded.Set(static_cast<double>(blocks.size()));
  metrics_.bytes.Set(bytes);
  blocks_ = std::move(blocks);
  absl::MutexLock lock(&current_mu_);
  current_.swap(list);  // the old one goes after the lock
  return number;
}

absl::Status DirectoryBlockSet::Replace(const std::vector<BlockMeta>& added,
                                        const std::vector<std::string>& obsolete_ulids) {
  absl::MutexLock lock(&edit_mu_);
  OwnedBlocks blocks, obsolete;
  for (const BlockMeta& meta : added) {
    if (meta.stats.num_series == 0) continue;
    absl::StatusOr<std::shared_ptr<OwnedBlock>> block = OpenBlock(meta.ulid);
    if (!block.ok()) {
      metrics_.reload_failures.Increment();
      for (const BlockMeta& unused : added) RemoveDirectory(PathOf(unused.ulid));
      return block.status();
    }
    blocks.push_back(*std::move(block));
  }
  const std::set<std::string_view> obsolete_set(obsolete_ulids.begin(), obsolete_ulids.end());
  for (const std::shared_ptr<OwnedBlock>& owned : blocks_) {
    (obsolete_set.contains(owned->meta().ulid) ? obsolete : blocks).push_back(owned);
  }
  Publish(std::move(blocks));
  metrics_.reloads.Increment();
  for (const std::shared_ptr<OwnedBlock>& owned : obsolete) MakeObsolete(*owned);
  if (!obsolete.empty()) SyncBlocksDirectory();
  return absl::OkStatus();
}

void DirectoryBlockSet::SetDamagedAside() {
  absl::MutexLock lock(&edit_mu_);
  OwnedBlocks sound, damaged;
  for (const std::shared_ptr<OwnedBlock>& owned : blocks_) {
    (owned->block->is_damaged() ? damaged : sound).push_back(owned);
  }
  if (damaged.empty()) return;
  Publish(sound);  // readers are spared while the damage is looked for
  for (const std::shared_ptr<OwnedBlock>& owned : damaged) {
    const std::string& ulid = owned->meta().ulid;
    const absl::Status damage = owned->block->Verify();
    const auto again =
        damage.ok() ? OpenBlock(ulid) : absl::StatusOr<std::shared_ptr<OwnedBlock>>(damage);
    if (again.ok()) {
      log::Warn("block that seemed damaged is whole", {{"block", ulid}});
      sound.push_back(*again);
    } else {
      MoveToDamaged(ulid, again.status());
    }
  }
  Publish(std::move(sound));
  metrics_.reloads.Increment();
}

bool DirectoryBlockSet::AwaitReaders(const std::function<bool()>& give_up) {
  uint64_t newest = 0;
  {
    absl::MutexLock lock(&edit_mu_);
    newest = Publish(blocks_);  // the same blocks as a new list: what is older is held by readers
  }
  const auto all_released = [&]()
                                ABSL_NO_THREAD_SAFETY_ANALYSIS { return ledger_->AllFrom(newest); };
  while (true) {
    {
      absl::MutexLock lock(&ledger_->mu);
      if (ledger_->mu.AwaitWithTimeout(absl::Condition(&all_released), kGiveUpInterval)) {
        return true;
      }
    }
    if (give_up()) return false;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlockSet>> BlockSet::Open(const std::string& directory,
                                                         std::shared_ptr<BlockCache> cache,
                                                         MetricRegistry& metrics) {
  auto set = std::make_unique<DirectoryBlockSet>(directory, std::move(cache), metrics);
  RETURN_IF_ERROR(set->Load());
  return set;
}

}  // namespace tidemark::tsdb
