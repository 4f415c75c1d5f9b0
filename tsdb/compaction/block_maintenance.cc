#include "tsdb/compaction/block_maintenance.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "absl/strings/str_join.h"

#include "base/log.h"
#include "base/model/duration.h"
#include "base/run/failpoint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/block_snapshot.h"
#include "tsdb/compaction/compactor.h"

namespace tidemark::tsdb {
namespace {

constexpr DurationMs kFirstRetry = kMinute, kLastRetry = kHour;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// With the tombstones as they are now, which meta.json does not know.
BlockMeta CurrentMeta(const Block& block) {
  BlockMeta meta = block.meta();
  meta.stats.num_tombstones = block.num_tombstones();
  return meta;
}

BlockList WithUlids(const BlockList& blocks, const std::vector<std::string>& ulids) {
  BlockList found;
  for (const std::shared_ptr<Block>& block : blocks) {
    if (std::find(ulids.begin(), ulids.end(), block->meta().ulid) != ulids.end()) {
      found.push_back(block);
    }
  }
  return found;
}

std::vector<std::string> UlidsOf(const BlockList& blocks) {
  std::vector<std::string> ulids;
  for (const std::shared_ptr<Block>& block : blocks) ulids.push_back(block->meta().ulid);
  return ulids;
}

// `blocks` ascends by min_time.
bool AnyOverlap(const BlockList& blocks) {
  return std::adjacent_find(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) {
           return a->meta().Overlaps(b->meta());
         }) != blocks.end();
}

std::vector<double> MergeSecondsBounds() {
  std::vector<double> bounds;
  for (double bound = 1; bounds.size() < 14; bound *= 2) bounds.push_back(bound);
  return bounds;
}

}  // namespace

BlockMaintenance::Metrics::Metrics(MetricRegistry& registry)
    : triggered(registry.AddCounter("prometheus_tsdb_compactions_triggered_total",
                                    "Rounds that looked for blocks to merge.")),
      merges(registry.AddCounter("prometheus_tsdb_compactions_total", "Merges of blocks.")),
      failures(registry.AddCounter("prometheus_tsdb_compactions_failed_total",
                                   "Merges of blocks that failed.")),
      vertical_merges(registry.AddCounter("prometheus_tsdb_vertical_compactions_total",
                                          "Merges of blocks that overlap.")),
      merge_seconds(registry.AddHistogram("prometheus_tsdb_compaction_duration_seconds",
                                          "How long merges of blocks take.", MergeSecondsBounds())),
      time_retentions(registry.AddCounter("prometheus_tsdb_time_retentions_total",
                                          "Times that blocks were deleted for their age.")),
      size_retentions(registry.AddCounter("prometheus_tsdb_size_retentions_total",
                                          "Times that blocks were deleted for their size.")),
      retention_seconds(registry.AddGauge("prometheus_tsdb_retention_limit_seconds",
                                          "How old samples get; 0 for no limit.")),
      retention_bytes(registry.AddGauge("prometheus_tsdb_retention_limit_bytes",
                                        "How large the store gets; 0 for no limit.")),
      cleanup_seconds(registry.AddHistogram("prometheus_tsdb_tombstone_cleanup_seconds",
                                            "How long rewriting blocks without what was deleted "
                                            "takes.",
                                            MergeSecondsBounds())) {}

BlockMaintenance::BlockMaintenance(BlockSet& blocks, Options options,
                                   const RetentionLimits& retention, const Clock& clock,
                                   MetricRegistry& metrics)
    : blocks_(blocks), options_(std::move(options)), clock_(clock), metrics_(metrics) {
  SetRetention(retention);
}

void BlockMaintenance::SetRetention(const RetentionLimits& retention) {
  absl::MutexLock lock(&edit_mu_);
  retention_ = retention;
  metrics_.retention_seconds.Set(static_cast<double>(retention.duration) / 1000);
  metrics_.retention_bytes.Set(static_cast<double>(retention.max_bytes));
}

absl::Status BlockMaintenance::Run(const Store& store, const std::function<bool()>& stop) {
  absl::MutexLock round(&round_mu_);
  metrics_.triggered.Increment();
  blocks_.SetDamagedAside();
  absl::Status status = Retain(store);
  status.Update(MergeAll(stop));
  return status;
}

absl::Status BlockMaintenance::Retain(const Store& store) {
  RetentionLimits limits;
  {
    absl::MutexLock lock(&edit_mu_);
    limits = retention_;
  }
  const std::pair<RetentionLimits, Counter*> passes[] = {
      {{limits.duration, 0}, &metrics_.time_retentions},
      {{0, limits.max_bytes}, &metrics_.size_retentions}};
  for (const auto& [limit, counter] : passes) {
    std::vector<SizedBlock> sized;
    const std::shared_ptr<const BlockList> current = blocks_.Current();
    for (const auto& block : *current) {
      sized.push_back({block->meta(), block->disk_bytes()});
    }
    const std::vector<std::string> taken =
        PlanRetention(sized, limit, store.other_bytes, store.newest);
    if (taken.empty()) continue;
    RETURN_IF_ERROR(DeleteBlocks(taken, limit.duration != 0 ? "age" : "size"));
    counter->Increment();
  }
  return absl::OkStatus();
}

absl::Status BlockMaintenance::DeleteBlocks(const std::vector<std::string>& ulids,
                                            std::string_view reason) {
  absl::MutexLock lock(&edit_mu_);
  for (const std::string& ulid : ulids) {
    log::Info("block deleted by retention", {{"block", ulid}, {"limit", std::string(reason)}});
  }
  return blocks_.Replace({}, ulids);
}

absl::Status BlockMaintenance::MergeAll(const std::function<bool()>& stop) {
  if (clock_.Now() < retry_at_) return absl::OkStatus();
  while (!stop()) {
    const std::shared_ptr<const BlockList> blocks = blocks_.Current();
    std::vector<BlockMeta> metas;
    for (const std::shared_ptr<Block>& block : *blocks) metas.push_back(CurrentMeta(*block));
    const std::vector<std::string> plan = PlanCompaction(metas, options_.ranges);
    if (plan.empty()) break;
    const absl::Status status = Merge(WithUlids(*blocks, plan), stop);
    if (status.ok() || absl::IsAborted(status)) continue;
    if (absl::IsCancelled(status)) break;
    PutOff(status);
    return status;
  }
  return absl::OkStatus();
}

void BlockMaintenance::PutOff(const absl::Status& reason) {
  const DurationMs wait = std::min(kFirstRetry << std::min(num_failures_, 10), kLastRetry);
  ++num_failures_;
  retry_at_ = SaturatingAdd(clock_.Now(), wait);
  log::Error("blocks not merged, all stay as they are",
             {{"err", reason.ToString()}, {"retry_in", FormatDuration(wait)}});
}

// Aborted where something was deleted from the blocks meanwhile, or one of them was damaged and has
// been set aside: the plan is to be made anew.
absl::Status BlockMaintenance::Merge(const BlockList& inputs, const std::function<bool()>& stop) {
  const auto start = std::chrono::steady_clock::now();
  {
    absl::MutexLock lock(&edit_mu_);
    merging_ = UlidsOf(inputs);
    merging_changed_ = false;
  }
  const absl::StatusOr<BlockMeta> merged = WriteMerged(inputs, stop);
  {
    absl::MutexLock lock(&edit_mu_);
    merging_.clear();
  }
  if (absl::IsAborted(merged.status()) || absl::IsCancelled(merged.status())) {
    return merged.status();
  }
  if (!merged.ok()) {
    metrics_.failures.Increment();
    blocks_.SetDamagedAside();
    if (WithUlids(*blocks_.Current(), UlidsOf(inputs)).size() == inputs.size()) {
      return merged.status();
    }
    log::Error("blocks not merged, one is damaged", {{"err", merged.status().ToString()}});
    return absl::AbortedError(merged.status().message());
  }
  num_failures_ = 0;
  metrics_.merges.Increment();
  if (AnyOverlap(inputs)) metrics_.vertical_merges.Increment();
  metrics_.merge_seconds.Observe(SecondsSince(start));
  log::Info("blocks merged", {{"parents", absl::StrJoin(UlidsOf(inputs), " ")},
                              {"block", merged->stats.num_series > 0 ? merged->ulid : "none"},
                              {"level", StrCat(merged->compaction.level)},
                              {"series", StrCat(merged->stats.num_series)},
                              {"samples", StrCat(merged->stats.num_samples)},
                              {"seconds", StrCat(SecondsSince(start))}});
  return absl::OkStatus();
}

absl::StatusOr<BlockMeta> BlockMaintenance::WriteMerged(const BlockList& inputs,
                                                        const std::function<bool()>& stop) {
  RETURN_IF_ERROR(CheckDiskSpace(inputs));
  ASSIGN_OR_RETURN(
      std::unique_ptr<BlockWriter> writer,
      BlockWriter::Create(blocks_.blocks_directory(), MergedMeta(inputs, clock_.Now())));
  const absl::Status status =
      MergeSeries(inputs, *writer, [&] { return merging_changed_ || stop(); });
  if (absl::IsCancelled(status) && merging_changed_) return absl::AbortedError(status.message());
  RETURN_IF_ERROR(status);

  absl::MutexLock lock(&edit_mu_);
  if (merging_changed_) return absl::AbortedError("samples were deleted while blocks were merged");
  ASSIGN_OR_RETURN(BlockMeta merged, writer->Finish());
  Failpoint("merge.written");
  RETURN_IF_ERROR(blocks_.Replace({merged}, UlidsOf(inputs)));
  Failpoint("merge.published");
  return merged;
}

// Filling the disk would stop the journal, and with it the store.
absl::Status BlockMaintenance::CheckDiskSpace(const BlockList& inputs) const {
  std::error_code error;
  const std::filesystem::space_info space =
      std::filesystem::space(blocks_.blocks_directory(), error);
  if (error) return absl::OkStatus();
  uint64_t bytes = options_.reserve_bytes;
  for (const std::shared_ptr<Block>& block : inputs) bytes += block->disk_bytes();
  if (space.available >= bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(StrCat("merging ", inputs.size(), " blocks in ",
                                             blocks_.blocks_directory(), " may take ", bytes,
                                             " bytes of the disk, free are ", space.available));
}

absl::Status BlockMaintenance::CleanTombstones(const std::function<bool()>& stop) {
  absl::MutexLock round(&round_mu_);
  const auto start = std::chrono::steady_clock::now();
  const auto has_tombstones = [](const auto& block) { return block->num_tombstones() > 0; };
  while (true) {
    const std::shared_ptr<const BlockList> blocks = blocks_.Current();
    const auto block = std::find_if(blocks->begin(), blocks->end(), has_tombstones);
    if (block == blocks->end()) break;
    const absl::Status status = Merge({*block}, stop);
    if (!status.ok() && !absl::IsAborted(status)) return status;
  }
  metrics_.cleanup_seconds.Observe(SecondsSince(start));
  return absl::OkStatus();
}

absl::StatusOr<size_t> BlockMaintenance::Delete(std::span<const LabelMatcher> matchers,
                                                TimeRange range) {
  absl::MutexLock lock(&edit_mu_);
  size_t num_series = 0;
  absl::Status status;
  for (const std::shared_ptr<Block>& block : *blocks_.Current()) {
    if (!block->meta().range().Overlaps(range)) continue;
    if (std::find(merging_.begin(), merging_.end(), block->meta().ulid) != merging_.end()) {
      merging_changed_ = true;
    }
    const absl::StatusOr<size_t> deleted = block->Delete(matchers, range);
    status.Update(deleted.status());
    if (deleted.ok()) num_series += *deleted;
  }
  RETURN_IF_ERROR(status);
  return num_series;
}

absl::Status BlockMaintenance::Snapshot(const std::string& directory) {
  absl::MutexLock lock(&edit_mu_);
  return SnapshotBlocks(*blocks_.Current(), directory);
}

}  // namespace tidemark::tsdb
