#include "tsdb/block/block_reader.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/io/file.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/block_files.h"
#include "tsdb/block/block_querier.h"
#include "tsdb/block/series_walk.h"

namespace tidemark::tsdb {
namespace {

constexpr std::string_view kFiles[] = {kMetaFile, kIndexFile, kChunksFile, kTombstonesFile};

class DirectoryBlock : public Block, public std::enable_shared_from_this<DirectoryBlock> {
 public:
  explicit DirectoryBlock(std::unique_ptr<BlockFiles> files, Tombstones tombstones)
      : files_(std::move(files)),
        tombstones_(std::make_shared<const Tombstones>(std::move(tombstones))) {}

  const BlockMeta& meta() const override { return files_->meta; }
  const std::string& directory() const override { return files_->directory; }
  bool is_damaged() const override { return files_->damaged.load(std::memory_order_relaxed); }

  uint64_t disk_bytes() const override {
    uint64_t sum = 0;
    for (const std::string_view file : kFiles) {
      std::error_code gone;
      const uintmax_t bytes = std::filesystem::file_size(files_->Path(file), gone);
      if (!gone) sum += bytes;
    }
    return sum;
  }
  size_t num_tombstones() const override {
    size_t count = 0;
    for (const auto& [series, intervals] : *CurrentTombstones()) count += intervals.ranges().size();
    return count;
  }

  std::unique_ptr<Querier> NewQuerier() const override {
    return NewBlockQuerier({shared_from_this(), files_.get()}, CurrentTombstones());
  }
  std::unique_ptr<SeriesWalk> NewWalk() const override {
    return NewSeriesWalk({shared_from_this(), files_.get()}, CurrentTombstones());
  }

  absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers, TimeRange range) override;
  absl::Status Verify() const override;
  absl::StatusOr<std::vector<LabelPairStats>> LabelPairs() const override;

 private:
  std::shared_ptr<const Tombstones> CurrentTombstones() const {
    absl::MutexLock lock(&mu_);
    return tombstones_;
  }

  const std::unique_ptr<BlockFiles> files_;
  absl::Mutex delete_mu_;  // held by one deletion at a time; taken before mu_
  mutable absl::Mutex mu_;
  std::shared_ptr<const Tombstones> tombstones_ ABSL_GUARDED_BY(mu_);
};

absl::StatusOr<size_t> DirectoryBlock::Delete(std::span<const LabelMatcher> matchers,
                                              TimeRange range) {
  absl::MutexLock one_deletion(&delete_mu_);
  auto tombstones = std::make_shared<Tombstones>(*CurrentTombstones());
  ASSIGN_OR_RETURN(const PostingSet selected,
                   files_->Note(SelectSeries(*files_, *tombstones, matchers, range)));
  if (selected.empty()) return 0;
  const TimeRange whole = meta().range();
  const TimeRange deleted{std::max(range.min, whole.min), std::min(range.max, whole.max)};
  for (const uint32_t series : selected.ToVector()) (*tombstones)[series].Add(deleted);
  RETURN_IF_ERROR(
      WriteFileAtomically(files_->Path(kTombstonesFile), EncodeTombstones(*tombstones)));
  absl::MutexLock lock(&mu_);
  tombstones_ = std::move(tombstones);
  return selected.size();
}

absl::Status DirectoryBlock::Verify() const {
  // The small files were read whole by Open; the disk may have changed its mind since.
  RETURN_IF_ERROR(files_->Note(ReadMeta(files_->directory).status()));
  RETURN_IF_ERROR(files_->Note(ReadTombstones(files_->directory, meta()).status()));
  RETURN_IF_ERROR(files_->Note(files_->chunks->Verify()));
  return files_->Note(files_->index->Verify());
}

absl::StatusOr<std::vector<Block::LabelPairStats>> DirectoryBlock::LabelPairs() const {
  ASSIGN_OR_RETURN(const std::vector<IndexReader::PairCount> counts,
                   files_->Note(files_->index->CountPairs()));
  std::vector<LabelPairStats> stats;
  stats.reserve(counts.size());
  for (const IndexReader::PairCount& pair : counts) {
    stats.push_back({pair.name, pair.value, pair.num_series});
  }
  return stats;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Block>> Block::Open(const std::string& directory,
                                                   std::shared_ptr<BlockCache> cache) {
  ASSIGN_OR_RETURN(std::unique_ptr<BlockFiles> files, OpenBlockFiles(directory, std::move(cache)));
  ASSIGN_OR_RETURN(Tombstones tombstones, ReadTombstones(directory, files->meta));
  return std::make_shared<DirectoryBlock>(std::move(files), std::move(tombstones));
}

}  // namespace tidemark::tsdb
