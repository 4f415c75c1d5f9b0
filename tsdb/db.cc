#include "tsdb/db.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "base/io/file.h"
#include "base/log.h"
#include "base/run/allocator.h"
#include "base/run/failpoint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/block_set.h"
#include "tsdb/compaction/block_maintenance.h"
#include "tsdb/compaction/compaction_planner.h"
#include "tsdb/data_directory.h"
#include "tsdb/db_querier.h"
#include "tsdb/head/head.h"
#include "tsdb/head/head_appender.h"
#include "tsdb/head/head_blocks.h"
#include "tsdb/head/head_querier.h"
#include "tsdb/head_feed.h"
#include "tsdb/journal/journal_replay.h"
#include "tsdb/journal/journal_writer.h"
#include "tsdb/kv/kv_store.h"
#include "tsdb/storage_format.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kJournalFamily = 0;
// How often the head is looked after, and the blocks.
constexpr DurationMs kHeadInterval = 5 * kSecond, kBlocksInterval = kMinute;
constexpr int kIdleRounds = 2;  // of letting series go, after a cut
// How long a series stays after its newest sample where samples are only forwarded.
constexpr DurationMs kForwardedFor = kHour;
constexpr DurationMs kMaxBlockRange = 31 * kDay;

class LocalDb : public Db {
 public:
  LocalDb(const Options& options, Clock& clock, MetricRegistry& metrics,
          std::unique_ptr<DirectoryLock> lock, std::unique_ptr<KvStore> store,
          std::unique_ptr<BlockSet> blocks)
      : options_(options),
        clock_(clock),
        metrics_(metrics),
        directory_lock_(std::move(lock)),
        store_(std::move(store)),
        blocks_(std::move(blocks)),
        block_maintenance_(*blocks_, {.ranges = BlockRanges(options.min_block_range, MaxRange())},
                           {options.retention, options.max_bytes}, clock, metrics),
        head_({.retention = options.retention,
               .out_of_order_window = options.out_of_order_window,
               .max_future = options.max_future,
               .block_range = options.min_block_range,
               .spill_directory = options.path,
               .keeps_samples = !options.forward_only,
               .max_exemplars = options.max_exemplars},
              clock, metrics) {}
  ~LocalDb() override { Close().IgnoreError(); }

  // `directory` as it was found; the journal's report is logged and counted too.
  absl::Status Start(const OpenedDirectory& directory);

  std::unique_ptr<Appender> NewAppender() override { return appenders_.New(); }
  std::unique_ptr<Querier> NewQuerier() const override {
    return NewDbQuerier(head_, blocks_->Current());
  }
  absl::StatusOr<std::vector<SeriesExemplars>> Exemplars(
      std::span<const std::vector<LabelMatcher>> selectors, TimeRange range) const override {
    return head_.exemplars().Select(selectors, range);
  }
  void ResizeExemplars(size_t max_exemplars) override { head_.exemplars().Resize(max_exemplars); }
  HeadStats Stats() const override { return head_.Stats(); }
  std::vector<LabelPairCount> LabelPairs() const override { return head_.LabelPairs(); }
  std::vector<BlockMeta> Blocks() const override;
  absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers, TimeRange range) override;
  absl::Status CleanTombstones() override;
  absl::StatusOr<std::string> Snapshot(bool skip_head) override;
  absl::Status Maintain() override;
  JournalFeed* Feed() override { return feed_.get(); }
  absl::Status Close() override;

 private:
  struct Metrics {
    explicit Metrics(MetricRegistry& registry);
    Gauge& lowest_timestamp;
    Gauge& lowest_timestamp_seconds;
    Gauge& wal_bytes;
    Counter& wal_corruptions;
    Gauge& replay_seconds;
    Counter& truncations;
    Counter& truncations_failed;
    Counter& checkpoints;
    Counter& checkpoints_failed;
    Gauge& journal_writable;
    Counter& directory_files_damaged;
    Counter& journal_files_damaged;
    Counter& checkpoint_files_damaged;
  };

  std::string PathOf(std::string_view part) const { return StrCat(options_.path, "/", part); }
  std::string CheckpointDirectory() const { return PathOf(kCheckpointDirectory); }

  void ReportSalvage();
  absl::Status LoadExemplars();
  absl::Status WriteExemplars(uint64_t covers);
  void ReportLostEnd(uint64_t next, uint64_t end);
  DurationMs MaxRange() const;
  bool IsClosing() const ABSL_LOCKS_EXCLUDED(mu_);
  void RunEvery(DurationMs interval, void (LocalDb::*round)()) ABSL_LOCKS_EXCLUDED(mu_);
  void HeadRound() ABSL_LOCKS_EXCLUDED(head_round_mu_);
  void BlocksRound();
  absl::Status MaintainHead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  absl::Status CutHead(TimestampMs before) ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  absl::Status CheckpointIfDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  uint64_t FirstInJournal() const;
  uint64_t HeldFrom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  absl::Status DropReadJournal() ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  void LetIdleSeriesGo() ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  absl::Status MakeSnapshot(const std::string& directory, bool skip_head)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(head_round_mu_);
  absl::Status MaintainBlocks();
  void PublishMetrics();

  const Options options_;
  Clock& clock_;
  Metrics metrics_;

  // Destroyed from the last to the first: the lock goes once all else is closed.
  std::unique_ptr<DirectoryLock> directory_lock_;
  std::unique_ptr<KvStore> store_;
  std::unique_ptr<BlockSet> blocks_;
  BlockMaintenance block_maintenance_;
  Head head_;
  HeadAppenders appenders_{head_};
  std::unique_ptr<JournalWriter> journal_;
  std::unique_ptr<HeadFeed> feed_;
  uint64_t journal_end_ = 0;        // as WriteJournalEnd has noted it
  uint64_t exemplars_written_ = 0;  // ExemplarStore::num_added of what the file has

  // Held while samples move from the head to blocks, and by whoever needs them to stay.
  absl::Mutex head_round_mu_;
  TimestampMs cut_before_ ABSL_GUARDED_BY(head_round_mu_) = kMinTimestamp;  // of the last cut
  int idle_rounds_ ABSL_GUARDED_BY(head_round_mu_) = kIdleRounds;           // still to come
  TimestampMs next_idle_round_ ABSL_GUARDED_BY(head_round_mu_) = kMinTimestamp;
  // Since the last checkpoint: a cut has ended, which makes the next one due; the head has dropped
  // something, so that it must be full. A start drops what a cut had taken, and what left.
  bool has_cut_ ABSL_GUARDED_BY(head_round_mu_) = false;
  bool has_dropped_ ABSL_GUARDED_BY(head_round_mu_) = true;
  uint64_t checkpoint_covers_ ABSL_GUARDED_BY(head_round_mu_) = 1;  // of the last checkpoint
  // Of the journal: the lowest number that may still be there, and when to drop more of it.
  uint64_t dropped_before_ ABSL_GUARDED_BY(head_round_mu_) = 1;
  TimestampMs next_drop_ ABSL_GUARDED_BY(head_round_mu_) = kMinTimestamp;
  // The newest batch when idle series were last looked for: they have no samples after it.
  uint64_t idle_since_ ABSL_GUARDED_BY(head_round_mu_) = 0;
  TimestampMs retry_checkpoint_at_ ABSL_GUARDED_BY(head_round_mu_) = kMinTimestamp;
  TimestampMs retry_cut_at_ ABSL_GUARDED_BY(head_round_mu_) = kMinTimestamp;

  mutable absl::Mutex mu_;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::thread head_thread_, blocks_thread_;  // last: they read all of the above
};

Counter& AddDamagedFiles(MetricRegistry& registry, const std::string& part) {
  return registry.AddCounter("tidemark_tsdb_files_damaged_total",
                             "Files that were found damaged or missing when the store was opened.",
                             {{"part", part}});
}

LocalDb::Metrics::Metrics(MetricRegistry& registry)
    : lowest_timestamp(registry.AddGauge("prometheus_tsdb_lowest_timestamp",
                                         "Oldest time of the store, in milliseconds.")),
      lowest_timestamp_seconds(registry.AddGauge("prometheus_tsdb_lowest_timestamp_seconds",
                                                 "Oldest time of the store, in seconds.")),
      wal_bytes(registry.AddGauge("prometheus_tsdb_wal_storage_size_bytes",
                                  "Bytes of the journal's files.")),
      wal_corruptions(registry.AddCounter("prometheus_tsdb_wal_corruptions_total",
                                          "Journal batches passed over as damaged.")),
      replay_seconds(registry.AddGauge("prometheus_tsdb_data_replay_duration_seconds",
                                       "Time that the replay of the journal took.")),
      truncations(registry.AddCounter("prometheus_tsdb_head_truncations_total",
                                      "Times that samples moved from the head to blocks.")),
      truncations_failed(
          registry.AddCounter("prometheus_tsdb_head_truncations_failed_total",
                              "Times that samples could not move from the head to blocks.")),
      checkpoints(registry.AddCounter("prometheus_tsdb_checkpoint_creations_total",
                                      "Checkpoints of the head that were written.")),
      checkpoints_failed(registry.AddCounter("prometheus_tsdb_checkpoint_creations_failed_total",
                                             "Checkpoints of the head that could not be written.")),
      journal_writable(registry.AddGauge("tidemark_tsdb_journal_writable",
                                         "Whether the journal takes batches: 0 while the disk is "
                                         "full.")),
      directory_files_damaged(AddDamagedFiles(registry, "directory")),
      journal_files_damaged(AddDamagedFiles(registry, "journal")),
      checkpoint_files_damaged(AddDamagedFiles(registry, "checkpoint")) {}

DurationMs LocalDb::MaxRange() const {
  if (options_.max_block_range > 0) return options_.max_block_range;
  if (options_.retention == 0) return kMaxBlockRange;
  return std::clamp(options_.retention / 10, options_.min_block_range,
                    std::max(kMaxBlockRange, options_.min_block_range));
}

// The salvage has logged each file by its name.
void LocalDb::ReportSalvage() {
  const KvStore::OpenReport& report = store_->open_report();
  const uint64_t num_damaged =
      std::max<uint64_t>(report.num_damaged_files, report.was_rebuilt ? 1 : 0);
  if (num_damaged == 0) return;
  metrics_.journal_files_damaged.Increment(static_cast<double>(num_damaged));
  log::Error("the journal had damaged files, what could be read is served",
             {{"damaged_files", StrCat(num_damaged)},
              {"batches_restored", StrCat(report.num_restored)},
              {"set_aside", absl::StrJoin(report.set_aside, " ")}});
}

// `next` is the first batch that neither the journal nor the checkpoint has.
void LocalDb::ReportLostEnd(uint64_t next, uint64_t end) {
  if (next > end) return;
  metrics_.wal_corruptions.Increment(static_cast<double>(end - next + 1));
  log::Error(
      "the last batches of the journal are missing: a log was damaged or deleted",
      {{"directory", PathOf(kHeadDirectory)}, {"first", StrCat(next)}, {"last", StrCat(end)}});
}

// The number of the first batch; the largest there is where there is none that can be read.
uint64_t LocalDb::FirstInJournal() const {
  const auto it = store_->NewIterator(kJournalFamily);
  if (it.ok()) (*it)->SeekToFirst();
  return it.ok() && (*it)->Valid() ? JournalNumber((*it)->key())
                                   : std::numeric_limits<uint64_t>::max();
}

absl::Status LocalDb::Start(const OpenedDirectory& directory) {
  const absl::Time begin = absl::Now();
  metrics_.directory_files_damaged.Increment(directory.num_damaged);
  ReportSalvage();
  ASSIGN_OR_RETURN(const LoadedCheckpoint loaded,
                   head_.LoadCheckpoint(CheckpointDirectory(), PathOf(kDamagedDirectory)));
  metrics_.checkpoint_files_damaged.Increment(static_cast<double>(loaded.damaged.size()));
  RETURN_IF_ERROR(LoadExemplars());
  const CutMarker& marker = directory.cut;
  head_.ResumeAfterCut(marker.before, marker.covers, loaded.covers);
  ASSIGN_OR_RETURN(const ReplayStats replayed,
                   ReplayJournal(
                       *store_, kJournalFamily, loaded.replay_from,
                       [&](std::span<const NumberedBatch> batches) { head_.Replay(batches); },
                       loaded.num_places));
  const absl::Duration took = absl::Now() - begin;
  metrics_.wal_corruptions.Increment(static_cast<double>(replayed.num_damaged));
  metrics_.replay_seconds.Set(absl::ToDoubleSeconds(took));
  log::Info("journal replayed", {{"checkpoint_series", StrCat(loaded.num_series)},
                                 {"batches", StrCat(replayed.num_batches)},
                                 {"samples", StrCat(replayed.num_samples)},
                                 {"damaged", StrCat(replayed.num_damaged)},
                                 {"duration", absl::FormatDuration(took)}});
  const std::shared_ptr<const BlockList> blocks = blocks_->Current();
  for (const std::shared_ptr<Block>& block : *blocks) {
    head_.ResumeAt(block->meta().max_time - 1);
  }
  journal_end_ = directory.journal_end;
  ReportLostEnd(std::max(replayed.last_number + 1, loaded.covers), journal_end_);
  const uint64_t next_number =
      std::max({replayed.last_number + 1, marker.covers, loaded.covers, journal_end_ + 1});
  journal_ = std::make_unique<JournalWriter>(
      *store_, clock_,
      JournalWriter::Options{.family = kJournalFamily,
                             .fsync = options_.fsync,
                             .fsync_interval = options_.fsync_interval,
                             .next_number = next_number,
                             .first_number = std::min(loaded.replay_from, next_number),
                             .num_bytes = replayed.num_bytes});
  head_.StartJournal(journal_.get(), next_number);
  feed_ = std::make_unique<HeadFeed>(head_, *journal_);
  if (options_.hold_journal) feed_->Hold(kStartupReader, 0);
  {
    absl::MutexLock lock(&head_round_mu_);
    cut_before_ = marker.before;
    checkpoint_covers_ = loaded.replay_from;
    dropped_before_ = std::min(FirstInJournal(), next_number);
  }
  PublishMetrics();
  head_thread_ = std::thread([this] { RunEvery(kHeadInterval, &LocalDb::HeadRound); });
  blocks_thread_ = std::thread([this] { RunEvery(kBlocksInterval, &LocalDb::BlocksRound); });
  return absl::OkStatus();
}

absl::Status LocalDb::LoadExemplars() {
  const absl::StatusOr<std::string> bytes = ReadFile(PathOf(kExemplarsFile));
  if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
  RETURN_IF_ERROR(bytes.status());
  const absl::Status loaded = head_.LoadExemplars(*bytes);
  exemplars_written_ = head_.exemplars().num_added();
  if (!absl::IsDataLoss(loaded)) return loaded;
  metrics_.directory_files_damaged.Increment();
  log::Error("exemplars are damaged, those in the journal are taken",
             {{"file", PathOf(kExemplarsFile)}, {"err", loaded.ToString()}});
  KeepDamagedFile(PathOf(kExemplarsFile), PathOf(kDamagedDirectory), kExemplarsFile);
  return absl::OkStatus();
}

// All batches of the journal below `covers` have been applied.
absl::Status LocalDb::WriteExemplars(uint64_t covers) {
  const ExemplarStore& exemplars = head_.exemplars();
  const uint64_t num_added = exemplars.num_added();
  if (num_added == exemplars_written_) return absl::OkStatus();
  RETURN_IF_ERROR(WriteFileAtomically(PathOf(kExemplarsFile), exemplars.Encode(covers)));
  exemplars_written_ = num_added;
  return absl::OkStatus();
}

bool LocalDb::IsClosing() const {
  absl::MutexLock lock(&mu_);
  return closing_;
}

void LocalDb::RunEvery(DurationMs interval, void (LocalDb::*round)()) {
  absl::MutexLock lock(&mu_);
  while (!closing_) {
    clock_.WaitUntil(mu_, absl::Condition(&closing_), SaturatingAdd(clock_.Now(), interval));
    if (closing_) return;
    mu_.Unlock();
    (this->*round)();
    mu_.Lock();
  }
}

void LocalDb::HeadRound() {
  absl::MutexLock lock(&head_round_mu_);
  journal_->Recover().IgnoreError();  // logged when it failed; appends say why they are refused
  MaintainHead().IgnoreError();       // logged, and tried again
  PublishMetrics();
}

void LocalDb::BlocksRound() {
  MaintainBlocks().IgnoreError();  // likewise
}

absl::Status LocalDb::MaintainHead() {
  absl::Status status;
  if (const auto before = head_.CutDue(); before && clock_.Now() >= retry_cut_at_) {
    status = CutHead(*before);
    if (!status.ok() && !absl::IsCancelled(status)) {
      metrics_.truncations_failed.Increment();
      retry_cut_at_ = SaturatingAdd(clock_.Now(), kMinute);
      log::Error("head not cut, to be tried again", {{"err", status.ToString()}});
    }
  }
  LetIdleSeriesGo();
  if (const absl::Status checkpointed = CheckpointIfDue(); !checkpointed.ok()) {
    metrics_.checkpoints_failed.Increment();
    retry_checkpoint_at_ = SaturatingAdd(clock_.Now(), kMinute);
    log::Error("no checkpoint, to be tried again", {{"err", checkpointed.ToString()}});
    if (status.ok()) status = checkpointed;
  }
  if (const absl::Status dropped = DropReadJournal(); !dropped.ok()) {
    log::Warn("journal that was read is not dropped, to be tried again",
              {{"err", dropped.ToString()}});
  }
  head_.Spill();
  return status;
}

absl::Status LocalDb::CheckpointIfDue() {
  const bool due = has_cut_ || journal_->bytes_since_drop() >= options_.checkpoint_bytes;
  if (!due || clock_.Now() < retry_checkpoint_at_) return absl::OkStatus();
  // Or the checkpoint would take space and free none.
  RETURN_IF_ERROR(journal_->Recover());
  const absl::Time begin = absl::Now();
  const CheckpointMode mode = has_dropped_ ? CheckpointMode::kFull : CheckpointMode::kIncremental;
  uint64_t covers = 0;
  RETURN_IF_ERROR(head_.WriteCheckpoint(CheckpointDirectory(), mode, &covers));
  has_cut_ = has_dropped_ = false;
  head_.LetSpilledGo();
  ReturnFreeMemory();
  Failpoint("checkpoint.written");
  metrics_.checkpoints.Increment();
  log::Info("checkpoint written", {{"full", mode == CheckpointMode::kFull ? "true" : "false"},
                                   {"covers", StrCat(covers)},
                                   {"duration", absl::FormatDuration(absl::Now() - begin)}});
  RETURN_IF_ERROR(WriteExemplars(covers));
  checkpoint_covers_ = covers;
  const uint64_t held_from = HeldFrom();
  RETURN_IF_ERROR(journal_->DropBefore(covers, held_from));
  dropped_before_ = std::min(covers, held_from);
  next_drop_ = SaturatingAdd(clock_.Now(), kMinute);
  Failpoint("checkpoint.journal_dropped");
  return absl::OkStatus();
}

// The first batch that is kept for readers; where they hold too much, the oldest quarter goes.
uint64_t LocalDb::HeldFrom() {
  const uint64_t held = feed_->OldestHeld();
  if (held >= checkpoint_covers_ || store_->DiskBytes() <= options_.max_held_journal_bytes) {
    return held;
  }
  const uint64_t oldest = std::max(held, dropped_before_);
  const uint64_t kept = oldest + (checkpoint_covers_ - std::min(oldest, checkpoint_covers_)) / 4;
  log::Error(
      "the journal has grown too large for those who have not read it, dropping unread batches",
      {{"first", StrCat(oldest)}, {"last", StrCat(kept - 1)}});
  return kept;
}

// What readers held at the last checkpoint and do not need any more.
absl::Status LocalDb::DropReadJournal() {
  if (dropped_before_ >= checkpoint_covers_ || clock_.Now() < next_drop_) return absl::OkStatus();
  next_drop_ = SaturatingAdd(clock_.Now(), kMinute);
  const uint64_t held_from = HeldFrom();
  if (held_from <= dropped_before_) return absl::OkStatus();
  RETURN_IF_ERROR(journal_->DropBefore(checkpoint_covers_, held_from));
  dropped_before_ = std::min(checkpoint_covers_, held_from);
  return absl::OkStatus();
}

absl::Status LocalDb::CutHead(TimestampMs before) {
  const absl::Time begin = absl::Now();
  const auto closing = [this] { return IsClosing(); };
  ReturnFreeMemory();  // nothing takes more of it than a cut
  ASSIGN_OR_RETURN(const HeadCut cut, head_.BeginCut(before));
  std::vector<TimeRange> ranges = BlockRangesOf(cut, MaxRange());
  if (options_.retention > 0) {
    const TimestampMs horizon = SaturatingSubtract(head_.Stats().range.max, options_.retention);
    std::erase_if(ranges, [&](const TimeRange& range) { return range.max < horizon; });
  }
  ASSIGN_OR_RETURN(
      const std::vector<BlockMeta> written,
      WriteCut(head_, cut, ranges, blocks_->blocks_directory(), clock_.Now(), closing));
  Failpoint("cut.written");
  RETURN_IF_ERROR(blocks_->Replace(written, {}));
  Failpoint("cut.published");
  RETURN_IF_ERROR(WriteCutMarker(options_.path, {cut.before, cut.covers}));
  Failpoint("cut.marked");
  if (!blocks_->AwaitReaders(closing)) return absl::CancelledError("the store is closing");
  head_.EndCut(cut);
  cut_before_ = cut.before;
  has_cut_ = has_dropped_ = true;
  Failpoint("cut.dropped");
  idle_rounds_ = kIdleRounds;
  metrics_.truncations.Increment();
  uint64_t num_samples = 0;
  for (const BlockMeta& meta : written) num_samples += meta.stats.num_samples;
  log::Info("head cut", {{"blocks", StrCat(written.size())},
                         {"samples", StrCat(num_samples)},
                         {"duration", absl::FormatDuration(absl::Now() - begin)}});
  return absl::OkStatus();
}

void LocalDb::LetIdleSeriesGo() {
  const bool forward_only = options_.forward_only;
  if ((idle_rounds_ == 0 && !forward_only) || clock_.Now() < next_idle_round_) return;
  // Readers of the journal ask for the labels of what they find there.
  if (feed_->OldestHeld() <= idle_since_) return;
  if (!forward_only) --idle_rounds_;
  next_idle_round_ = SaturatingAdd(clock_.Now(), options_.idle_interval);
  idle_since_ = journal_->last_number();
  const TimestampMs before =
      forward_only ? SaturatingSubtract(clock_.Now(), kForwardedFor) : cut_before_;
  if (head_.RetireIdle(before) == 0) return;
  if (!blocks_->AwaitReaders([this] { return IsClosing(); })) return;
  head_.FreeRetired();
  has_dropped_ = true;
}

absl::Status LocalDb::MaintainBlocks() {
  return block_maintenance_.Run({.other_bytes = store_->DiskBytes(), .newest = head_.Newest()},
                                [this] { return IsClosing(); });
}

absl::Status LocalDb::Maintain() {
  {
    absl::MutexLock lock(&head_round_mu_);
    RETURN_IF_ERROR(MaintainHead());
    PublishMetrics();
  }
  return MaintainBlocks();
}

std::vector<BlockMeta> LocalDb::Blocks() const {
  std::vector<BlockMeta> metas;
  const std::shared_ptr<const BlockList> blocks = blocks_->Current();
  for (const std::shared_ptr<Block>& block : *blocks) metas.push_back(block->meta());
  return metas;
}

// Nothing moves from the head to blocks meanwhile, so nothing slips through between the two.
absl::StatusOr<size_t> LocalDb::Delete(std::span<const LabelMatcher> matchers, TimeRange range) {
  absl::MutexLock lock(&head_round_mu_);
  ASSIGN_OR_RETURN(const size_t in_head, head_.Delete(matchers, range));
  ASSIGN_OR_RETURN(const size_t in_blocks, block_maintenance_.Delete(matchers, range));
  return in_head + in_blocks;
}

absl::Status LocalDb::CleanTombstones() {
  return block_maintenance_.CleanTombstones([this] { return IsClosing(); });
}

absl::StatusOr<std::string> LocalDb::Snapshot(bool skip_head) {
  absl::MutexLock lock(&head_round_mu_);
  const TimestampMs now = clock_.Now();
  const std::string name = StrCat(
      ToStd(absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixMillis(now), absl::UTCTimeZone())),
      "-", NewUlid(now).substr(10));
  const std::string directory = StrCat(PathOf(kSnapshotsDirectory), "/", name);
  const absl::Status made = MakeSnapshot(directory, skip_head);
  if (made.ok()) return name;
  std::error_code ignored;  // what stays is no more than a waste of space
  std::filesystem::remove_all(directory, ignored);
  return made;
}

absl::Status LocalDb::MakeSnapshot(const std::string& directory, bool skip_head) {
  RETURN_IF_ERROR(block_maintenance_.Snapshot(directory));
  const TimeRange range = head_.Stats().range;
  if (!skip_head && range.min <= range.max) {
    RETURN_IF_ERROR(WriteBlockOf(*NewHeadQuerier(head_), range,
                                 StrCat(directory, "/", kBlocksDirectory), clock_.Now())
                        .status());
  }
  return MakeDirectoryFiles(directory);
}

void LocalDb::PublishMetrics() {
  TimestampMs lowest = head_.Stats().range.min;
  const std::shared_ptr<const BlockList> blocks = blocks_->Current();
  for (const std::shared_ptr<Block>& block : *blocks) {
    lowest = std::min(lowest, block->meta().min_time);
  }
  metrics_.lowest_timestamp.Set(static_cast<double>(lowest));
  metrics_.lowest_timestamp_seconds.Set(static_cast<double>(lowest) / kSecond);
  metrics_.wal_bytes.Set(static_cast<double>(store_->DiskBytes()));
  metrics_.journal_writable.Set(journal_->is_writable() ? 1 : 0);
}

absl::Status LocalDb::Close() {
  {
    absl::MutexLock lock(&mu_);
    closing_ = true;
    if (std::exchange(closed_, true)) return absl::OkStatus();
  }
  if (head_thread_.joinable()) head_thread_.join();
  if (blocks_thread_.joinable()) blocks_thread_.join();
  if (journal_ != nullptr) journal_->Stop();
  RETURN_IF_ERROR(store_->Close());
  if (journal_ == nullptr || journal_->last_number() == journal_end_) return absl::OkStatus();
  const absl::Status noted = WriteJournalEnd(options_.path, journal_->last_number());
  if (!noted.ok()) log::Warn("the end of the journal is not noted", {{"err", noted.ToString()}});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Db>> Db::Open(const Options& options, Clock& clock,
                                             MetricRegistry& metrics) {
  std::error_code error;
  std::filesystem::create_directories(options.path, error);
  if (error) {
    return absl::InternalError(
        StrCat("cannot make the directory ", options.path, ": ", error.message()));
  }
  ASSIGN_OR_RETURN(auto lock, DirectoryLock::Take(options.path));
  ASSIGN_OR_RETURN(const OpenedDirectory directory, OpenDirectory(options.path));
  ASSIGN_OR_RETURN(auto store, KvStore::Open({.path = StrCat(options.path, "/", kHeadDirectory),
                                              .families = {std::string(kJournalFamilyName)}}));
  ASSIGN_OR_RETURN(
      auto blocks,
      BlockSet::Open(options.path, BlockCache::Create(options.block_cache_bytes), metrics));
  auto db = std::make_unique<LocalDb>(options, clock, metrics, std::move(lock), std::move(store),
                                      std::move(blocks));
  RETURN_IF_ERROR(db->Start(directory));
  return db;
}

}  // namespace tidemark::tsdb
