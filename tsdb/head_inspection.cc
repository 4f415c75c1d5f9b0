#include "tsdb/head_inspection.h"

#include <algorithm>
#include <filesystem>

#include "base/run/clock.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/data_directory.h"
#include "tsdb/head/head.h"
#include "tsdb/head/head_querier.h"
#include "tsdb/journal/journal_replay.h"
#include "tsdb/kv/kv_store.h"
#include "tsdb/storage_format.h"

namespace tidemark::tsdb {
namespace {

class LoadedHead : public StoredHead {
 public:
  explicit LoadedHead(const std::string& directory) : directory_(directory) {}

  absl::Status Load();

  std::unique_ptr<Querier> NewQuerier() const override { return NewHeadQuerier(head_); }
  const std::vector<std::string>& damages() const override { return damages_; }
  const std::vector<std::string>& parts() const override { return parts_; }

 private:
  std::string PathOf(std::string_view part) const { return StrCat(directory_, "/", part); }
  bool Has(std::string_view part) const {
    std::error_code error;
    return std::filesystem::exists(PathOf(part), error);
  }
  // Whose message names the file.
  void NoteDamage(const absl::Status& damage) { damages_.emplace_back(ToStd(damage.message())); }
  absl::Status CheckDirectory();
  absl::Status LoadJournal(const LoadedCheckpoint& checkpoint);

  const std::string directory_;
  MetricRegistry metrics_;
  Head head_{{}, Clock::Real(), metrics_};
  CutMarker cut_;
  uint64_t journal_end_ = 0;
  std::vector<std::string> damages_, parts_;
};

absl::Status LoadedHead::Load() {
  if (!Has(kHeadDirectory) && !Has(kCheckpointDirectory)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<DirectoryLock> lock, DirectoryLock::Take(directory_));
  RETURN_IF_ERROR(CheckDirectory());
  ASSIGN_OR_RETURN(const LoadedCheckpoint checkpoint,
                   head_.LoadCheckpoint(PathOf(kCheckpointDirectory), ""));
  if (Has(kCheckpointDirectory)) parts_.push_back(PathOf(kCheckpointDirectory));
  for (const std::string& file : checkpoint.damaged) {
    damages_.push_back(StrCat(file, ": damaged or missing"));
  }
  head_.ResumeAfterCut(cut_.before, cut_.covers, checkpoint.covers);
  const absl::Status status = LoadJournal(checkpoint);
  head_.EndLoading();
  return status;
}

absl::Status LoadedHead::CheckDirectory() {
  const absl::Status format = CheckFormat(directory_);
  if (absl::IsFailedPrecondition(format)) return format;
  if (!format.ok()) NoteDamage(format);
  const absl::StatusOr<CutMarker> cut = ReadCutMarker(directory_);
  if (cut.ok()) {
    cut_ = *cut;
  } else {
    NoteDamage(cut.status());
  }
  const absl::StatusOr<uint64_t> journal_end = ReadJournalEnd(directory_);
  if (journal_end.ok()) {
    journal_end_ = *journal_end;
  } else {
    NoteDamage(journal_end.status());
  }
  return absl::OkStatus();
}

absl::Status LoadedHead::LoadJournal(const LoadedCheckpoint& checkpoint) {
  const auto store = KvStore::OpenForReading(
      {.path = PathOf(kHeadDirectory), .families = {std::string(kJournalFamilyName)}});
  if (absl::IsDataLoss(store.status()) || absl::IsNotFound(store.status())) {
    NoteDamage(store.status());
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(store.status());
  parts_.push_back(PathOf(kHeadDirectory));
  const auto apply = [&](std::span<const NumberedBatch> batches) { head_.Replay(batches); };
  const auto replayed =
      ReplayJournal(**store, 0, checkpoint.replay_from, apply, checkpoint.num_places);
  if (absl::IsDataLoss(replayed.status())) {
    NoteDamage(replayed.status());
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(replayed.status());
  const uint64_t next = std::max(replayed->last_number + 1, checkpoint.covers);
  const uint64_t num_lost =
      replayed->num_damaged + (next > journal_end_ ? 0 : journal_end_ + 1 - next);
  if (num_lost > 0) {
    damages_.push_back(StrCat(PathOf(kHeadDirectory), ": batches damaged or missing: ", num_lost));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoredHead>> StoredHead::Open(const std::string& directory) {
  auto head = std::make_unique<LoadedHead>(directory);
  RETURN_IF_ERROR(head->Load());
  return head;
}

}  // namespace tidemark::tsdb
