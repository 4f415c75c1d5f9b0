#include "tsdb/journal/journal_replay.h"

#include <algorithm>
#include <string>

#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/journal/journal_writer.h"

namespace tidemark::tsdb {
namespace {

// How many keys after the last readable one are tried where stored bytes are damaged: more than a
// damaged block of the store can hold.
constexpr uint64_t kMaxUnreadable = 1 << 16;

class Replay {
 public:
  using Apply = std::function<void(uint64_t, const JournalBatch&)>;
  Replay(KvIterator& it, uint64_t first_number, uint32_t num_series, const Apply& apply)
      : it_(it),
        first_number_(std::max<uint64_t>(first_number, 1)),
        apply_(apply),
        highest_series_(num_series) {
    stats_.last_number = first_number_ - 1;
  }

  absl::StatusOr<ReplayStats> Run() {
    it_.Seek(first_number_ == 1 ? "" : JournalKey(first_number_));
    while (true) {
      RETURN_IF_ERROR(PassUnreadable());
      if (!it_.Valid()) return stats_;
      RETURN_IF_ERROR(One(JournalNumber(it_.key()), it_.value()));
      it_.Next();
    }
  }

 private:
  // Where the walk ended on damaged bytes, resumes it behind them.
  absl::Status PassUnreadable() {
    for (uint64_t i = 1; !it_.Valid() && absl::IsDataLoss(it_.status()); ++i) {
      if (i == 1) log::Error("journal cannot be read", {{"err", it_.status().ToString()}});
      if (i > kMaxUnreadable) return it_.status();
      it_.Seek(JournalKey(stats_.last_number + i));
      if (!it_.Valid() && it_.status().ok()) PassUnreadableEnd(i - 1);
    }
    return it_.status();
  }

  // The journal ends in damage that reaches over so many numbers. They count as used: what is
  // written in the range of a damaged block cannot be read either.
  void PassUnreadableEnd(uint64_t count) {
    stats_.num_damaged += count;
    stats_.last_number += count;
  }

  absl::Status One(uint64_t number, std::string_view record) {
    stats_.num_bytes += record.size();
    const uint64_t expected = stats_.last_number + 1;
    // The front may have been dropped for its age; a gap behind it is a loss.
    if (stats_.last_number != 0 && number > expected) {
      stats_.num_damaged += number - expected;
      log::Error("journal batches are missing",
                 {{"first", StrCat(expected)}, {"last", StrCat(number - 1)}});
    }
    stats_.last_number = number;
    absl::Status decoded = DecodeJournalRecord(record, batch_);
    if (decoded.ok()) decoded = CheckNewSeries();
    if (absl::IsDataLoss(decoded)) {
      ++stats_.num_damaged;
      log::Error("passing over a damaged journal batch",
                 {{"number", StrCat(number)}, {"err", decoded.ToString()}});
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(decoded);
    ++stats_.num_batches;
    stats_.num_samples += batch_.samples.size();
    apply_(number, batch_);
    return absl::OkStatus();
  }

  // A reference whose number was never given out is damage, or somebody's mischief.
  absl::Status CheckNewSeries() {
    uint64_t highest = highest_series_;
    for (const NewSeries& s : batch_.new_series) {
      highest = std::max(highest, static_cast<uint64_t>(s.series) & ~uint32_t{0});
    }
    if (highest > highest_series_ + batch_.new_series.size() + kMaxSeriesGap) {
      return absl::DataLossError(StrCat("new series number ", highest, " after ", highest_series_));
    }
    highest_series_ = highest;
    return absl::OkStatus();
  }

  KvIterator& it_;
  const uint64_t first_number_;
  const Apply& apply_;
  uint64_t highest_series_;  // the highest number known
  JournalBatch batch_;
  ReplayStats stats_;
};

}  // namespace

absl::StatusOr<ReplayStats> ReplayJournal(
    const KvStore& store, size_t family, uint64_t first_number,
    const std::function<void(uint64_t number, const JournalBatch& batch)>& apply,
    uint32_t num_series) {
  ASSIGN_OR_RETURN(const std::unique_ptr<KvIterator> it, store.NewIterator(family));
  return Replay(*it, first_number, num_series, apply).Run();
}

absl::StatusOr<ReplayStats> ReplayJournal(
    const KvStore& store, size_t family,
    const std::function<void(uint64_t number, const JournalBatch& batch)>& apply) {
  return ReplayJournal(store, family, 1, apply);
}

}  // namespace tidemark::tsdb
