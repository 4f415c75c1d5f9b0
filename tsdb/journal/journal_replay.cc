#include "tsdb/journal/journal_replay.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/run/slot_ring.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/journal/journal_writer.h"

namespace tidemark::tsdb {
namespace {

// How many keys after the last readable one are tried where stored bytes are damaged: more than a
// damaged block of the store can hold.
constexpr uint64_t kMaxUnreadable = 1 << 16;
// What is read before it is handed over: as much as makes the handing over cheap.
constexpr size_t kSamplesPerGroup = 1 << 15;
constexpr size_t kRecordsPerGroup = 256;

// Two threads: one reads and decodes, the other looks for gaps and hands on.
class Replay {
 public:
  Replay(KvIterator& it, uint64_t first_number, uint32_t num_series, const ApplyBatches& apply)
      : it_(it),
        first_number_(std::max<uint64_t>(first_number, 1)),
        apply_(apply),
        last_read_(first_number_ - 1),
        highest_series_(num_series) {
    stats_.last_number = first_number_ - 1;
  }

  absl::StatusOr<ReplayStats> Run() {
    std::thread reader([this] {
      read_ = Read();
      ring_.Close();
    });
    absl::Status status;
    while (const Group* group = ring_.NextToTake()) {
      if (status.ok()) status = Take(*group);
      if (!status.ok()) ring_.Stop();
      ring_.TookOne();
    }
    reader.join();
    RETURN_IF_ERROR(status);
    RETURN_IF_ERROR(read_);
    return stats_;
  }

 private:
  struct Record {
    uint64_t num_lost = 0;  // so many numbers that cannot be read; then it is nothing else
    uint64_t number = 0;
    std::string bytes;
    JournalBatch batch;  // points into `bytes`
    absl::Status decoded;
  };
  struct Group {
    std::vector<Record> records;  // made once
    size_t num_records = 0, num_samples = 0;
  };

  // What the reading thread does.
  absl::Status Read() {
    const absl::Status read = ReadRecords();
    if (group_ != nullptr && group_->num_records > 0) ring_.FilledOne();
    return read;
  }
  absl::Status ReadRecords() {
    it_.Seek(first_number_ == 1 ? "" : JournalKey(first_number_));
    while (true) {
      RETURN_IF_ERROR(PassUnreadable());
      if (!it_.Valid()) return absl::OkStatus();
      Record* record = NextRecord();
      if (record == nullptr) return absl::OkStatus();
      record->num_lost = 0;
      record->number = last_read_ = JournalNumber(it_.key());
      record->bytes = it_.value();
      record->decoded = DecodeJournalRecord(record->bytes, record->batch);
      group_->num_samples += record->batch.num_samples();
      it_.Next();
    }
  }

  // A record of the group in hand, or of the next one where that is full; null once nobody wants
  // them any more.
  Record* NextRecord() {
    const bool is_full = group_ != nullptr && (group_->num_records == kRecordsPerGroup ||
                                               group_->num_samples >= kSamplesPerGroup);
    if (is_full) ring_.FilledOne();
    if (is_full || group_ == nullptr) {
      group_ = ring_.NextToFill();
      if (group_ == nullptr) return nullptr;
      group_->num_records = group_->num_samples = 0;
    }
    const size_t next = group_->num_records++;
    if (next == group_->records.size()) group_->records.emplace_back();
    return &group_->records[next];
  }

  // Where the walk ended on damaged bytes, resumes it behind them.
  absl::Status PassUnreadable() {
    for (uint64_t i = 1; !it_.Valid() && absl::IsDataLoss(it_.status()); ++i) {
      if (i == 1) log::Error("journal cannot be read", {{"err", it_.status().ToString()}});
      if (i > kMaxUnreadable) return it_.status();
      it_.Seek(JournalKey(last_read_ + i));
      if (!it_.Valid() && it_.status().ok()) PassUnreadableEnd(i - 1);
    }
    return it_.status();
  }

  // The journal ends in damage that reaches over so many numbers. They count as used: what is
  // written in the range of a damaged block cannot be read either.
  void PassUnreadableEnd(uint64_t count) {
    last_read_ += count;
    if (Record* record = NextRecord()) record->num_lost = count;
  }

  // What the other one does.
  absl::Status Take(const Group& group) {
    sound_.clear();
    absl::Status status;
    for (size_t i = 0; i < group.num_records && status.ok(); ++i) status = Check(group.records[i]);
    if (!sound_.empty()) apply_(sound_);
    return status;
  }
  // Looks for gaps and damage; what is sound is to be applied.
  absl::Status Check(const Record& record) {
    if (record.num_lost > 0) {
      stats_.num_damaged += record.num_lost;
      stats_.last_number += record.num_lost;
      return absl::OkStatus();
    }
    stats_.num_bytes += record.bytes.size();
    const uint64_t expected = stats_.last_number + 1;
    // The front may have been dropped for its age; a gap behind it is a loss.
    if (stats_.last_number != 0 && record.number > expected) {
      stats_.num_damaged += record.number - expected;
      log::Error("journal batches are missing",
                 {{"first", StrCat(expected)}, {"last", StrCat(record.number - 1)}});
    }
    stats_.last_number = record.number;
    absl::Status decoded = record.decoded;
    if (decoded.ok()) decoded = CheckNewSeries(record.batch);
    if (absl::IsDataLoss(decoded)) {
      ++stats_.num_damaged;
      log::Error("passing over a damaged journal batch",
                 {{"number", StrCat(record.number)}, {"err", decoded.ToString()}});
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(decoded);
    ++stats_.num_batches;
    stats_.num_samples += record.batch.num_samples();
    sound_.push_back({record.number, &record.batch});
    return absl::OkStatus();
  }

  // A reference whose number was never given out is damage, or somebody's mischief.
  absl::Status CheckNewSeries(const JournalBatch& batch) {
    uint64_t highest = highest_series_;
    for (const NewSeries& s : batch.new_series) {
      highest = std::max(highest, static_cast<uint64_t>(s.series) & ~uint32_t{0});
    }
    if (highest > highest_series_ + batch.new_series.size() + kMaxSeriesGap) {
      return absl::DataLossError(StrCat("new series number ", highest, " after ", highest_series_));
    }
    highest_series_ = highest;
    return absl::OkStatus();
  }

  KvIterator& it_;
  const uint64_t first_number_;
  const ApplyBatches& apply_;
  SlotRing<Group, 3> ring_;
  // Of the reading thread: the group in hand, the number of the last record, and how it ended.
  Group* group_ = nullptr;
  uint64_t last_read_;
  absl::Status read_;
  // Of the other one.
  std::vector<NumberedBatch> sound_;  // of the group in hand
  uint64_t highest_series_;           // the highest number known
  ReplayStats stats_;
};

}  // namespace

absl::StatusOr<ReplayStats> ReplayJournal(const KvStore& store, size_t family,
                                          uint64_t first_number, const ApplyBatches& apply,
                                          uint32_t num_series) {
  ASSIGN_OR_RETURN(const std::unique_ptr<KvIterator> it, store.NewIterator(family));
  return Replay(*it, first_number, num_series, apply).Run();
}

absl::StatusOr<ReplayStats> ReplayJournal(const KvStore& store, size_t family,
                                          const ApplyBatches& apply) {
  return ReplayJournal(store, family, 1, apply);
}

}  // namespace tidemark::tsdb
