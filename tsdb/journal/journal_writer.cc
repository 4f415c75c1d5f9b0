#include "tsdb/journal/journal_writer.h"

#include <array>

#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::tsdb {

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
      synced_(appended_) {
  if (options_.fsync == FsyncPolicy::kInterval) {
    thread_ = std::thread([this] { SyncEveryInterval(); });
  }
}

absl::StatusOr<uint64_t> JournalWriter::Append(std::string_view record) {
  uint64_t number = 0;
  bool recover = false;
  {
    absl::MutexLock lock(&mu_);
    if (!sync_status_.ok()) return sync_status_;
    number = appended_ + 1;
    recover = store_failed_;
  }
  if (recover) RETURN_IF_ERROR(store_.Recover());
  const std::string key = JournalKey(number);
  const KvStore::Write write{options_.family, key, record};
  const absl::Status put = store_.Put({&write, 1});
  absl::MutexLock lock(&mu_);
  store_failed_ = !put.ok();
  RETURN_IF_ERROR(put);
  appended_ = number;
  return number;
}

absl::Status JournalWriter::AwaitDurable(uint64_t number) {
  if (options_.fsync != FsyncPolicy::kEveryBatch) return absl::OkStatus();
  absl::MutexLock lock(&mu_);
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
}

}  // namespace tidemark::tsdb
