#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"
#include "base/run/clock.h"
#include "tsdb/appender.h"
#include "tsdb/block/interval_set.h"
#include "tsdb/codec/histogram_row.h"
#include "tsdb/codec/open_histograms.h"
#include "tsdb/db.h"
#include "tsdb/head/exemplar_store.h"
#include "tsdb/head/head_checkpoint.h"
#include "tsdb/head/head_metrics.h"
#include "tsdb/head/index_builder.h"
#include "tsdb/head/label_ranks.h"
#include "tsdb/head/sample_identity.h"
#include "tsdb/head/series_arena.h"
#include "tsdb/head/series_lookup.h"
#include "tsdb/index/label_index.h"
#include "tsdb/index/symbol_table.h"
#include "tsdb/journal/journal_record.h"
#include "tsdb/journal/journal_replay.h"
#include "tsdb/journal/journal_writer.h"

namespace tidemark::tsdb {

// A native histogram of a batch that is to be committed.
struct BatchHistogram {
  SeriesHistogram sample;
  size_t num_floats_before = 0;  // in the batch
};

// What is to be committed.
struct HeadBatch {
  std::span<const SeriesSample> samples = {};
  std::span<const BatchHistogram> histograms = {};
  std::span<const SeriesExemplar> exemplars = {};
};

// Space that one appender's commits reuse.
struct CommitScratch {
  struct Undo {
    uint32_t series;
    TimestampMs admitted_time;
    SampleIdentity admitted;
  };
  struct Rejected {
    RejectedSample sample;
    bool is_histogram;
  };
  std::vector<SeriesSample> admitted;
  std::vector<SeriesHistogram> admitted_histograms;
  std::vector<Rejected> rejected;
  std::vector<Undo> undo;
  std::vector<NewSeries> new_series;
  std::vector<LabelSet> new_labels;  // what new_series points into
  std::string record;
  // The admitted samples by (series, time), once an out of order sample asks for it.
  absl::flat_hash_map<std::pair<uint64_t, TimestampMs>, SampleIdentity> by_time;
};

// What a reader needs to see one series as it was: see Series::num_samples.
struct SeriesPin {
  uint32_t series = 0;
  uint32_t num_samples = 0;
  std::shared_ptr<const OutOfOrder> out_of_order;  // null where there are none
  TimeRange extent = {};                           // all of them lie in it
};

// What a cut takes of one series: its first samples, and those that came late.
struct CutSeries {
  uint32_t series = 0;
  uint32_t num_samples = 0;  // in order, as in SeriesPin
  std::shared_ptr<const SampleColumns> late;
};

// The samples that are to move from the head to blocks.
struct HeadCut {
  TimestampMs before = kMinTimestamp;  // all of them are older
  uint64_t covers = 0;                 // samples of batches below this number are all in it
  std::vector<CutSeries> series;       // ascending by label set
  std::vector<TimeRange> partitions;   // aligned ranges that have samples, ascending
};

// The samples of the newest window, in memory, with the index over their labels. Thread-safe.
//
// A commit goes through three stages. Admission, one batch at a time, decides on each sample and
// writes the batch to the journal; the journal makes it durable as its policy says; then, in the
// order of admission, the batch is applied under data_mu_, which readers share: so they see whole
// batches. Lock order: reclaim_mu_, admission_mu_, a shard of lookup_, creation_mu_, data_mu_.
class Head {
 public:
  struct Options {
    DurationMs retention = 0;  // 0 keeps everything
    DurationMs out_of_order_window = 0;
    DurationMs max_future = 0;
    DurationMs block_range = 2 * kHour;  // no chunk crosses a multiple of it
    // Where sealed chunks go to a file from which they are read; "" keeps them in memory.
    std::string spill_directory = {};
    bool keeps_samples = true;  // else only what admission needs to know of the newest ones
    size_t max_exemplars = 0;  // 0 stores none
  };

  // `clock` and `metrics` outlive it.
  Head(const Options& options, const Clock& clock, MetricRegistry& metrics);

  // Before anything else: the batches of the journal, in order, by one thread.
  void Replay(std::span<const NumberedBatch> batches);
  // Before that: the exemplars that ExemplarStore::Encode wrote. Errors are those of its Load.
  absl::Status LoadExemplars(std::string_view bytes);
  // The same where blocks hold newer samples than the journal: samples are not taken that the
  // retention would not keep beside them.
  void ResumeAt(TimestampMs newest) ABSL_LOCKS_EXCLUDED(admission_mu_);
  // After that and before readers, unless StartJournal is called: what loading still does in other
  // threads comes to its end.
  void EndLoading() ABSL_LOCKS_EXCLUDED(data_mu_);
  // After that and before commits. `journal` outlives the last commit.
  void StartJournal(JournalWriter* journal, uint64_t next_number);

  // As in Appender.
  SeriesRef Find(const Hash128& raw_key) const;
  absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet& labels, const Hash128* raw_key);
  absl::StatusOr<CommitResult> Commit(const HeadBatch& batch, CommitMode mode,
                                      CommitScratch& scratch);
  absl::StatusOr<CommitResult> Commit(std::span<const SeriesSample> samples, CommitMode mode,
                                      CommitScratch& scratch) {
    return Commit(HeadBatch{.samples = samples}, mode, scratch);
  }
  // What Commit would make of an exemplar of a series, known or not.
  ExemplarVerdict CheckExemplar(SeriesRef series, const Exemplar& exemplar) const
      ABSL_LOCKS_EXCLUDED(data_mu_);
  ExemplarStore& exemplars() { return exemplars_; }
  const ExemplarStore& exemplars() const { return exemplars_; }

  // Deletes the samples in `range` of the series that pass the matchers, those of commits under way
  // included; what is appended later is not concerned. The number of series. Errors as of Commit.
  absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers, TimeRange range)
      ABSL_LOCKS_EXCLUDED(data_mu_, admission_mu_);

  // The series that pass the matchers and may have samples in `range`, ascending by number.
  std::vector<SeriesPin> Select(std::span<const LabelMatcher> matchers, TimeRange range) const
      ABSL_LOCKS_EXCLUDED(data_mu_);
  std::vector<std::string> LabelNames(std::span<const LabelMatcher> matchers, TimeRange range) const
      ABSL_LOCKS_EXCLUDED(data_mu_);
  std::vector<std::string> LabelValues(std::string_view name,
                                       std::span<const LabelMatcher> matchers,
                                       TimeRange range) const ABSL_LOCKS_EXCLUDED(data_mu_);
  // Replaces `out` by the samples of a pinned series in `range`. What was dropped for its age since
  // the pin was taken is missing.
  absl::Status Read(const SeriesPin& pin, TimeRange range, SampleColumns& out) const
      ABSL_LOCKS_EXCLUDED(data_mu_);
  // Replaces `out` by the newest of the samples that Read gives, where there is any. Mostly without
  // decoding.
  absl::Status ReadNewest(const SeriesPin& pin, TimeRange range, SampleColumns& out) const
      ABSL_LOCKS_EXCLUDED(data_mu_);
  // By label set.
  void SortByLabels(std::vector<SeriesPin>& pins) const;
  // Of a pinned series; no lock needed.
  const Series& series(uint32_t i) const { return arena_.series(i); }
  const SymbolTable& symbols() const { return symbols_; }
  // The labels of a series, be it that it has retired; nullopt once it was freed.
  std::optional<LabelSet> Labels(SeriesRef ref) const ABSL_LOCKS_EXCLUDED(creation_mu_);

  // Moving samples to blocks: head_cut.cc. One thread, step by step.
  //
  // The time before which samples are to be cut now, a multiple of block_range half of one behind
  // the newest sample; nullopt where a cut is not worth it yet.
  std::optional<TimestampMs> CutDue() const ABSL_LOCKS_EXCLUDED(data_mu_);
  // Settles which samples older than `before` the cut takes. They stay where they are.
  //   DataLoss  a chunk in memory is damaged
  absl::StatusOr<HeadCut> BeginCut(TimestampMs before) ABSL_LOCKS_EXCLUDED(data_mu_);
  // Replaces `out` by those of one series that lie in `range`, deleted ones left out.
  absl::Status ReadCut(const CutSeries& series, TimeRange range, SampleColumns& out) const
      ABSL_LOCKS_EXCLUDED(data_mu_);
  // Drops them. Whoever reads the head from now on sees the blocks as well. A cut that is not ended
  // leaves everything to the next.
  void EndCut(const HeadCut& cut) ABSL_LOCKS_EXCLUDED(data_mu_, reclaim_mu_);
  // After a restart, before Replay: what the last cut had taken. Samples older than `before` in
  // batches below `covers` are passed over by Replay; what a checkpoint brought, of batches below
  // `loaded`, is dropped where it is older than the cut.
  void ResumeAfterCut(TimestampMs before, uint64_t covers, uint64_t loaded)
      ABSL_LOCKS_EXCLUDED(data_mu_);

  // Moves sealed chunks to a file, as far as there is room for one, without changing what is read.
  // By the thread that cuts.
  void Spill() ABSL_LOCKS_EXCLUDED(data_mu_, reclaim_mu_);
  // Lets the kernel drop what of it was read lately, such as all of it by a cut or a checkpoint.
  void LetSpilledGo() ABSL_LOCKS_EXCLUDED(data_mu_);

  // Series that hold no samples leave in two steps. The first takes those that were without at the
  // call before too, and whose newest was older than `before`; from then on their references are
  // refused. The second, once nobody reads who began before the first, frees them.
  size_t RetireIdle(TimestampMs before) ABSL_LOCKS_EXCLUDED(data_mu_, admission_mu_);
  void FreeRetired() ABSL_LOCKS_EXCLUDED(data_mu_, creation_mu_);

  // Checkpoints: head_checkpoint_write.cc, head_checkpoint_load.cc.
  //
  // Writes the head into `directory`, made where it is absent, beside commits and readers. On
  // success the journal's batches below `covers` need not be replayed any more. Where only an
  // incremental one was asked for but there is nothing to build on, it is full. Called by the
  // thread that drops samples and series: after it dropped any the next checkpoint is full, or what
  // was dropped comes back with a start. Memory: a few megabytes and a bit for each series. Errors
  // are those of SstWriter, FileSystem and JournalWriter::Sync; the checkpoint before stays good.
  absl::Status WriteCheckpoint(const std::string& directory, CheckpointMode mode, uint64_t* covers)
      ABSL_LOCKS_EXCLUDED(admission_mu_, data_mu_);
  // Before everything else, by the only thread that has the head: loads what a checkpoint holds.
  // Damage is passed over as far as it goes and told in the result; damaged files get another name
  // in `damaged_directory`. Where that is empty, nothing on the disk is changed.
  //   FailedPrecondition  a newer version wrote it
  //   Unavailable, Internal, PermissionDenied  it cannot be read
  absl::StatusOr<LoadedCheckpoint> LoadCheckpoint(const std::string& directory,
                                                  const std::string& damaged_directory);

  HeadStats Stats() const ABSL_LOCKS_EXCLUDED(data_mu_);
  std::vector<LabelPairCount> LabelPairs() const ABSL_LOCKS_EXCLUDED(data_mu_);
  // The newest sample accepted, cut or not; kMinTimestamp where there was none.
  TimestampMs Newest() const ABSL_LOCKS_EXCLUDED(admission_mu_);

 private:
  class CheckpointWriter;
  class CheckpointLoader;
  enum class Verdict { kAdmit, kKnown, kReject };
  struct Bounds {
    TimestampMs oldest, newest;
  };

  // Admission: head_commit.cc.
  Bounds AdmissionBounds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  absl::Status Admit(std::span<const SeriesSample> batch,
                     std::span<const BatchHistogram> histograms, CommitScratch& scratch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  absl::Status AdmitFloats(std::span<const SeriesSample> batch, size_t first_index,
                           const Bounds& bounds, CommitScratch& scratch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  // What one sample is compared with, and what becomes of it.
  struct Candidate {
    SeriesRef series;
    TimestampMs timestamp;
    SampleIdentity identity;
  };
  // Null, and why in `error`, where the store does not have it any more.
  Series* SeriesOf(SeriesRef ref, uint64_t num_created, absl::Status* error)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  Verdict AdmitOne(const Candidate& sample, Series& series, const Bounds& bounds,
                   CommitScratch& scratch, RejectReason* reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  Verdict AdmitOutOfOrder(const Candidate& sample, const Bounds& bounds, CommitScratch& scratch,
                          RejectReason* reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  void Undo(const CommitScratch& scratch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  absl::StatusOr<uint64_t> WriteToJournal(std::span<const SeriesExemplar> exemplars,
                                          CommitScratch& scratch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  void CountRejected(const CommitScratch& scratch);
  bool IsTurn(uint64_t number) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  // Waits until batch `number` is durable and its turn has come. Then data_mu_ is held.
  absl::Status AwaitTurn(uint64_t number) ABSL_EXCLUSIVE_LOCK_FUNCTION(data_mu_);
  // Admission being closed: waits until every batch is applied, then data_mu_ is held.
  // Whether it came to that: a journal that has failed leaves batches for ever.
  bool LockApplied() ABSL_EXCLUSIVE_LOCK_FUNCTION(data_mu_);

  // Exemplars: head_exemplars.cc.
  absl::Status CheckReferences(std::span<const SeriesExemplar> exemplars)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_);
  void ApplyExemplars(std::span<const SeriesExemplar> exemplars)
      ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  bool IsKnown(SeriesRef series) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);

  // Deletion: head_delete.cc.
  void ApplyDeletions(std::span<const SeriesDeletion> deletions)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  bool IsDeleted(uint32_t i, TimestampMs t) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  void Undelete(uint32_t i, TimestampMs t) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);

  // Application.
  void Apply(std::span<const SeriesSample> samples) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void ApplyInOrder(uint32_t i, TimestampMs timestamp, double value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void ApplyOutOfOrder(uint32_t i, TimestampMs timestamp, double value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void CountInOrder(Series& series, TimestampMs timestamp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  // Whether the newest of the in order samples stands at that time; perhaps false where it does.
  bool HasNewest(uint32_t i, TimestampMs timestamp) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  // Where a late sample of `i` is to be inserted, after which num_chunks is to be added to stats_;
  // null where it is known.
  OutOfOrder* BeginOutOfOrder(uint32_t i, TimestampMs timestamp)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void SealOpen(uint32_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  // The number, as in Series::num_samples, after the last sealed sample.
  uint32_t SealedEnd(uint32_t i) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);

  // Histograms: head_histograms.cc.
  void ApplyHistograms(std::span<const SeriesHistogram> histograms)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void ApplyHistogramInOrder(uint32_t i, TimestampMs timestamp, HistogramRow& histogram)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  // A float of a series that ends in histograms: whether it was a staleness marker and became one
  // of them. Otherwise the series does not end in histograms any more.
  bool ApplyAfterHistograms(uint32_t i, TimestampMs timestamp, double value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void SealHistograms(uint32_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  // The open chunk of histograms, null where there is none; it may be empty.
  OpenHistograms* FindOpenHistograms(uint32_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  const OpenHistograms* FindOpenHistograms(uint32_t i) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  void ForgetOpenHistograms(uint32_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void AddToIndex(uint32_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void PublishMetrics() ABSL_SHARED_LOCKS_REQUIRED(data_mu_);

  // Cutting: head_cut.cc.
  TimeRange PartitionOf(TimestampMs t) const;
  absl::Status BeginCutOf(uint32_t i, HeadCut& cut, absl::flat_hash_set<TimestampMs>& starts)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void EndCutOf(const CutSeries& taken) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  absl::Status SpillFull() ABSL_LOCKS_EXCLUDED(data_mu_, reclaim_mu_);
  void UpdateMinTime(uint32_t i) ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void UpdateOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void Unname(uint32_t i) ABSL_LOCKS_EXCLUDED(data_mu_);

  // Reading: head_read.cc.
  absl::StatusOr<std::optional<SampleIdentity>> FindSample(uint32_t i, TimestampMs timestamp) const
      ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  bool MayHaveSamples(uint32_t i, TimeRange range) const ABSL_SHARED_LOCKS_REQUIRED(data_mu_);
  TimestampMs Horizon(TimestampMs newest) const;

  absl::StatusOr<uint32_t> Create(const LabelSet& labels) ABSL_LOCKS_EXCLUDED(creation_mu_);

  // Replay: head_replay.cc.
  void ReplaySeries(const NewSeries& series);
  void FinishIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(data_mu_);
  void Replay(uint64_t number, const JournalBatch& batch);
  // Whether the sample of that batch is still to be applied.
  bool AdmitReplayed(uint64_t number, const Candidate& sample)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(admission_mu_, data_mu_);

  const Options options_;
  const Clock& clock_;
  HeadMetrics metrics_;
  ExemplarStore exemplars_;
  uint64_t exemplars_cover_ = 0;      // what of the journal is not replayed into it
  JournalWriter* journal_ = nullptr;  // set once, before commits

  mutable absl::Mutex admission_mu_;
  TimestampMs admitted_max_ ABSL_GUARDED_BY(admission_mu_) = kMinTimestamp;

  SeriesLookup lookup_;
  mutable absl::Mutex creation_mu_;  // adding to arena_ and symbols_; their readers need none
  SeriesArena arena_;
  SymbolTable symbols_;
  std::atomic<uint32_t> num_created_{0};  // arena_.size(), for checking references

  // Shared by who reads sealed chunks beyond data_mu_, taken by who frees their memory.
  mutable absl::Mutex reclaim_mu_;
  mutable absl::Mutex data_mu_;
  ChunkArena sealed_ ABSL_GUARDED_BY(data_mu_);
  LabelIndex index_ ABSL_GUARDED_BY(data_mu_){symbols_};
  // While it is there, index_ is its own.
  std::unique_ptr<IndexBuilder> index_builder_ ABSL_GUARDED_BY(data_mu_);
  uint64_t next_to_apply_ ABSL_GUARDED_BY(data_mu_) = 1;  // a batch number
  HeadStats stats_ ABSL_GUARDED_BY(data_mu_);
  // Of series that hold samples, by number; what readers were given stays as it is.
  absl::flat_hash_map<uint32_t, std::shared_ptr<const IntervalSet>> deleted_
      ABSL_GUARDED_BY(data_mu_);
  bool has_histograms_ ABSL_GUARDED_BY(data_mu_) = false;  // or had some since the start
  // Of the series that end in histograms, by number; other series cost nothing.
  absl::flat_hash_map<uint32_t, std::unique_ptr<OpenHistograms>> open_histograms_
      ABSL_GUARDED_BY(data_mu_);
  // That the newest samples lie in, most likely.
  TimeRange partition_ ABSL_GUARDED_BY(data_mu_){kMaxTimestamp, kMinTimestamp};
  TimestampMs cut_before_ ABSL_GUARDED_BY(data_mu_) = kMinTimestamp;  // of the last cut
  uint64_t cut_covers_ ABSL_GUARDED_BY(data_mu_) = 0;
  uint64_t num_late_ ABSL_GUARDED_BY(data_mu_) = 0;  // applied since, and older than it

  mutable LabelRanks label_ranks_;

  // Of the one thread that cuts.
  std::vector<uint32_t> retired_;
  std::unique_ptr<SpillFile> spill_file_;  // null until it is needed
  bool spill_failed_ = false;              // the last time

  CheckpointProgress checkpoint_;    // of the one thread that writes checkpoints
  CheckpointedSeries checkpointed_;  // of the one that loads and replays, until StartJournal
};

inline void Head::CountInOrder(Series& series, TimestampMs timestamp) {
  series.last_time = timestamp;
  series.min_time = std::min(series.min_time, timestamp);
  ++series.num_samples;
  ++stats_.num_samples;
  stats_.range.max = std::max(stats_.range.max, timestamp);
  stats_.range.min = std::min(stats_.range.min, timestamp);
  if (timestamp < cut_before_) ++num_late_;
}

}  // namespace tidemark::tsdb
