#include "tsdb/journal/journal_writer.h"

#include <algorithm>

#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {
namespace {

// How often a store that failed is brought back: each time costs a write that may fail.
constexpr DurationMs kRecoveryInterval = kSecond;
// How many numbers in a row are tried where stored bytes are damaged.
constexpr uint64_t kMaxUnreadable = 1 << 16;

}  // namespace

std::string JournalKey(uint64_t number) {
  std::string key(sizeof(number), '\0');
  for (size_t i = key.size(); i-- > 0; number >>= 8) key[i] = static_cast<char>(number);
  return key;
}

uint64_t JournalNumber(std::string_view key) {
  if (key.size() != sizeof(uint64_t)) return 0;
  uint64_t number = 0;
  for (const char c : key) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

JournalWriter::JournalWriter(KvStore& store, Clock& clock, const Options& options)
    : store_(store),
      clock_(clock),
      options_(options),
      appended_(options.next_number - 1),
      synced_(appended_),
      first_(options.first_number),
      num_bytes_(options.num_bytes),
      is_writable_(!store.is_read_only()) {
  if (options_.fsync == FsyncPolicy::kInterval) {
    thread_ = std::thread([this] { SyncEveryInterval(); });
  }
}

absl::StatusOr<uint64_t> JournalWriter::Append(std::string_view record) {
  uint64_t number = 0;
  {
    absl::MutexLock lock(&mu_);
    if (!sync_status_.ok()) return sync_status_;
    number = appended_ + 1;
  }
  RETURN_IF_ERROR(PutAndRecover(number, record));
  absl::MutexLock lock(&mu_);
  appended_ = number;
  num_bytes_ += record.size();
  return number;
}

absl::Status JournalWriter::PutAndRecover(uint64_t number, std::string_view record) {
  const std::string key = JournalKey(number);
  const KvStore::Write write{options_.family, key, record};
  const absl::Status put = store_.Put({&write, 1});
  if (!absl::IsAborted(put)) return Noted(put);
  RETURN_IF_ERROR(Recover());
  return Noted(store_.Put({&write, 1}));
}

absl::Status JournalWriter::Noted(const absl::Status& written) {
  if (written.ok()) return written;
  absl::MutexLock lock(&recovery_mu_);
  write_status_ = written;
  if (is_writable_.exchange(false)) {
    log::Error("journal cannot be written, appends are refused", {{"err", written.ToString()}});
  }
  return written;
}

absl::Status JournalWriter::Recover() {
  if (is_writable()) return absl::OkStatus();
  absl::MutexLock lock(&recovery_mu_);
  if (is_writable()) return absl::OkStatus();
  const TimestampMs now = clock_.Now();
  if (now < next_recovery_) return write_status_;
  next_recovery_ = SaturatingAdd(now, kRecoveryInterval);
  {
    absl::MutexLock reading(&reading_mu_);
    write_status_ = store_.Recover();
  }
  if (!write_status_.ok()) return write_status_;
  next_recovery_ = kMinTimestamp;
  is_writable_ = true;
  log::Info("journal can be written again", {});
  return absl::OkStatus();
}

absl::Status JournalWriter::AwaitDurable(uint64_t number) {
  if (options_.fsync != FsyncPolicy::kEveryBatch) return absl::OkStatus();
  absl::MutexLock lock(&mu_);
  return AwaitSynced(number);
}

absl::Status JournalWriter::Sync() {
  absl::MutexLock lock(&mu_);
  return AwaitSynced(appended_);
}

absl::Status JournalWriter::AwaitSynced(uint64_t number) {
  while (synced_ < number && sync_status_.ok()) {
    if (syncing_) {
      mu_.Await(absl::Condition(
          +[](bool* syncing) { return !*syncing; }, &syncing_));
    } else {
      SyncUnlocked();
    }
  }
  return synced_ >= number ? absl::OkStatus() : sync_status_;
}

uint64_t JournalWriter::last_number() const {
  absl::MutexLock lock(&mu_);
  return appended_;
}

absl::StatusOr<uint64_t> JournalWriter::Read(
    uint64_t first, const std::function<bool(uint64_t, std::string_view)>& visit) {
  // What a failed write may have left behind it has a number that will be used again.
  const uint64_t last = last_number();
  if (first > last) return first;
  absl::ReaderMutexLock lock(&reading_mu_);
  if (!is_readable_) return absl::UnavailableError("the journal is closed");
  ASSIGN_OR_RETURN(const std::unique_ptr<KvIterator> it, store_.NewIterator(options_.family));
  uint64_t next = first;
  it->Seek(JournalKey(next));
  for (uint64_t skipped = 0; next <= last; it->Next()) {
    while (!it->Valid() && absl::IsDataLoss(it->status()) && skipped++ < kMaxUnreadable) {
      it->Seek(JournalKey(++next));
    }
    if (!it->Valid() && it->status().ok()) return last + 1;
    RETURN_IF_ERROR(it->status());
    const uint64_t number = JournalNumber(it->key());
    if (number > last) return last + 1;
    next = number + 1;
    skipped = 0;
    if (!visit(number, it->value())) return next;
  }
  return next;
}

absl::Status JournalWriter::DropBefore(uint64_t number, uint64_t held_from) {
  RETURN_IF_ERROR(Recover());
  const std::string key = JournalKey(std::min(number, held_from));
  RETURN_IF_ERROR(Noted(store_.DropBefore(options_.family, key)));
  absl::MutexLock lock(&mu_);
  const uint64_t end = appended_ + 1;
  if (number <= first_) return absl::OkStatus();
  const auto kept = static_cast<double>(end - std::min(number, end));
  num_bytes_ = static_cast<uint64_t>(static_cast<double>(num_bytes_) * kept /
                                     static_cast<double>(std::max(end, number) - first_));
  first_ = number;
  return absl::OkStatus();
}

uint64_t JournalWriter::bytes_since_drop() const {
  absl::MutexLock lock(&mu_);
  return num_bytes_;
}

void JournalWriter::SyncUnlocked() {
  const uint64_t reached = appended_;
  syncing_ = true;
  mu_.Unlock();
  const absl::Status status = store_.Sync();
  mu_.Lock();
  syncing_ = false;
  if (status.ok()) {
    synced_ = std::max(synced_, reached);
  } else if (sync_status_.ok()) {
    sync_status_ = absl::UnavailableError(
        StrCat("journal is stopped until the next start, fsync failed: ", status.ToString()));
    log::Error("journal cannot be synced", {{"err", status.ToString()}});
  }
}

void JournalWriter::SyncEveryInterval() {
  absl::MutexLock lock(&mu_);
  while (!stopping_ && sync_status_.ok()) {
    clock_.WaitUntil(mu_, absl::Condition(&stopping_),
                     SaturatingAdd(clock_.Now(), options_.fsync_interval));
    if (HasUnsynced()) SyncUnlocked();
  }
}

void JournalWriter::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&reading_mu_);
  is_readable_ = false;
}

}  // namespace tidemark::tsdb
