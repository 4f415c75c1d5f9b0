#include "tsdb/db.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "base/io/file.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/head/head.h"
#include "tsdb/head/head_querier.h"
#include "tsdb/journal/journal_replay.h"
#include "tsdb/journal/journal_writer.h"
#include "tsdb/kv/kv_store.h"

namespace tidemark::tsdb {
namespace {

constexpr std::string_view kFormatLine = "tidemark storage 1\n";
constexpr size_t kJournalFamily = 0;
constexpr DurationMs kRetentionInterval = kMinute;

// Holds the directory for this process as long as it lives.
class DirectoryLock {
 public:
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Take(const std::string& path) {
    const int fd = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    if (fd < 0) return ErrnoError("cannot open", path);
    auto lock = std::unique_ptr<DirectoryLock>(new DirectoryLock(fd));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return ErrnoError("cannot lock", path);
    return absl::FailedPreconditionError(StrCat("another process has the store open: ", path));
  }
  ~DirectoryLock() { close(fd_); }

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  const int fd_;
};

// Reads the version of the directory, or writes it where the directory is new.
absl::Status CheckFormat(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return WriteFileAtomically(path, kFormatLine);
  RETURN_IF_ERROR(text.status());
  if (*text == kFormatLine) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat("the store has a format that this version does not know: ", path));
}

class HeadDb : public Db {
 public:
  HeadDb(const Options& options, Clock& clock, MetricRegistry& metrics,
         std::unique_ptr<DirectoryLock> lock, std::unique_ptr<KvStore> store)
      : options_(options),
        clock_(clock),
        lowest_timestamp_(metrics.AddGauge("prometheus_tsdb_lowest_timestamp",
                                           "Oldest time of the store, in milliseconds.")),
        lowest_timestamp_seconds_(metrics.AddGauge("prometheus_tsdb_lowest_timestamp_seconds",
                                                   "Oldest time of the store, in seconds.")),
        wal_bytes_(metrics.AddGauge("prometheus_tsdb_wal_storage_size_bytes",
                                    "Bytes of the journal's files.")),
        wal_corruptions_(metrics.AddCounter("prometheus_tsdb_wal_corruptions_total",
                                            "Journal batches passed over as damaged.")),
        replay_seconds_(metrics.AddGauge("prometheus_tsdb_data_replay_duration_seconds",
                                         "Time that the replay of the journal took.")),
        directory_lock_(std::move(lock)),
        store_(std::move(store)),
        head_({.retention = options.retention,
               .out_of_order_window = options.out_of_order_window,
               .max_future = options.max_future},
              clock, metrics) {}
  ~HeadDb() override { Close().IgnoreError(); }

  absl::Status Start();

  std::unique_ptr<Appender> NewAppender() override;
  std::unique_ptr<Querier> NewQuerier() const override { return NewHeadQuerier(head_); }
  HeadStats Stats() const override { return head_.Stats(); }
  absl::Status Close() override;

 private:
  friend class HeadAppender;
  void MaintainUntilClosed();
  void DropExpired();
  void PublishMetrics();

  const Options options_;
  Clock& clock_;
  Gauge& lowest_timestamp_;
  Gauge& lowest_timestamp_seconds_;
  Gauge& wal_bytes_;
  Counter& wal_corruptions_;
  Gauge& replay_seconds_;

  // Destroyed from the last to the first: the lock goes once all else is closed.
  std::unique_ptr<DirectoryLock> directory_lock_;
  std::unique_ptr<KvStore> store_;
  Head head_;
  std::unique_ptr<JournalWriter> journal_;

  absl::Mutex mu_;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::thread maintenance_;  // last: reads all of the above
};

class HeadAppender : public Appender {
 public:
  explicit HeadAppender(Head& head) : head_(head) {}

  SeriesRef Find(const Hash128& raw_key) override { return head_.Find(raw_key); }
  absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet& labels, const Hash128* raw_key) override {
    return head_.GetOrCreate(labels, raw_key);
  }
  void Append(SeriesRef series, TimestampMs timestamp, double value) override {
    batch_.push_back({series, timestamp, value});
  }
  absl::StatusOr<CommitResult> Commit(CommitMode mode) override {
    absl::StatusOr<CommitResult> result = head_.Commit(batch_, mode, scratch_);
    batch_.clear();
    return result;
  }
  void Rollback() override { batch_.clear(); }

 private:
  Head& head_;
  std::vector<SeriesSample> batch_;
  CommitScratch scratch_;
};

std::unique_ptr<Appender> HeadDb::NewAppender() { return std::make_unique<HeadAppender>(head_); }

absl::Status HeadDb::Start() {
  const absl::Time begin = absl::Now();
  ASSIGN_OR_RETURN(
      const ReplayStats replayed,
      ReplayJournal(*store_, kJournalFamily,
                    [&](uint64_t number, const JournalBatch& b) { head_.Replay(number, b); }));
  const absl::Duration took = absl::Now() - begin;
  wal_corruptions_.Increment(static_cast<double>(replayed.num_damaged));
  replay_seconds_.Set(absl::ToDoubleSeconds(took));
  log::Info("journal replayed", {{"batches", StrCat(replayed.num_batches)},
                                 {"samples", StrCat(replayed.num_samples)},
                                 {"damaged", StrCat(replayed.num_damaged)},
                                 {"duration", absl::FormatDuration(took)}});
  const uint64_t next_number = replayed.last_number + 1;
  journal_ = std::make_unique<JournalWriter>(
      *store_, clock_,
      JournalWriter::Options{kJournalFamily, options_.fsync, options_.fsync_interval, next_number});
  head_.StartJournal(journal_.get(), next_number);
  DropExpired();
  PublishMetrics();
  maintenance_ = std::thread([this] { MaintainUntilClosed(); });
  return absl::OkStatus();
}

void HeadDb::MaintainUntilClosed() {
  absl::MutexLock lock(&mu_);
  while (!closing_) {
    clock_.WaitUntil(mu_, absl::Condition(&closing_),
                     SaturatingAdd(clock_.Now(), kRetentionInterval));
    if (closing_) return;
    mu_.Unlock();
    DropExpired();
    PublishMetrics();
    mu_.Lock();
  }
}

void HeadDb::DropExpired() {
  const TimeRange range = head_.Stats().range;
  if (options_.retention == 0 || range.min > range.max) return;
  const TimestampMs horizon = SaturatingSubtract(range.max, options_.retention);
  if (range.min >= horizon) return;
  const absl::StatusOr<HeadCut> expired = head_.BeginCut(horizon);
  if (expired.ok()) head_.EndCut(*expired);
}

void HeadDb::PublishMetrics() {
  const TimeRange range = head_.Stats().range;
  lowest_timestamp_.Set(static_cast<double>(range.min));
  lowest_timestamp_seconds_.Set(static_cast<double>(range.min) / kSecond);
  wal_bytes_.Set(static_cast<double>(store_->DiskBytes()));
}

absl::Status HeadDb::Close() {
  {
    absl::MutexLock lock(&mu_);
    closing_ = true;
    if (std::exchange(closed_, true)) return absl::OkStatus();
  }
  if (maintenance_.joinable()) maintenance_.join();
  if (journal_ != nullptr) journal_->Stop();
  return store_->Close();
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
  ASSIGN_OR_RETURN(auto lock, DirectoryLock::Take(options.path + "/lock"));
  RETURN_IF_ERROR(CheckFormat(options.path + "/format"));
  ASSIGN_OR_RETURN(auto store,
                   KvStore::Open({.path = options.path + "/head", .families = {"journal"}}));
  auto db = std::make_unique<HeadDb>(options, clock, metrics, std::move(lock), std::move(store));
  RETURN_IF_ERROR(db->Start());
  return db;
}

}  // namespace tidemark::tsdb
