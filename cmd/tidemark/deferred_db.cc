#include "cmd/tidemark/deferred_db.h"

#include "base/status_macros.h"

namespace tidemark::server {
namespace {

absl::Status Replaying() { return absl::UnavailableError("the journal is being replayed"); }

class UnavailableAppender : public tsdb::Appender {
 public:
  SeriesRef Find(const Hash128&) override { return kNoSeries; }
  absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet&, const Hash128*) override {
    return Replaying();
  }
  void Append(SeriesRef, TimestampMs, double) override {}
  void Append(SeriesRef, TimestampMs, HistogramSample) override {}
  void Append(SeriesRef, TimestampMs, FloatHistogramSample) override {}
  tsdb::ExemplarVerdict AppendExemplar(SeriesRef, Exemplar) override {
    return tsdb::ExemplarVerdict::kIgnored;
  }
  absl::StatusOr<tsdb::CommitResult> Commit(tsdb::CommitMode) override { return Replaying(); }
  void Rollback() override {}
};

class UnavailableQuerier : public tsdb::Querier {
 public:
  absl::StatusOr<std::unique_ptr<tsdb::SeriesSet>> Select(std::span<const LabelMatcher>,
                                                          TimeRange) const override {
    return Replaying();
  }
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher>,
                                                      TimeRange) const override {
    return Replaying();
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view,
                                                       std::span<const LabelMatcher>,
                                                       TimeRange) const override {
    return Replaying();
  }
};

}  // namespace

absl::Status DeferredDb::Open(const tsdb::Options& options, Clock& clock, MetricRegistry& metrics) {
  ASSIGN_OR_RETURN(owned_, tsdb::Db::Open(options, clock, metrics));
  db_ = owned_.get();
  return absl::OkStatus();
}

std::unique_ptr<tsdb::Appender> DeferredDb::NewAppender() {
  tsdb::Db* db = db_;
  return db != nullptr ? db->NewAppender() : std::make_unique<UnavailableAppender>();
}

std::unique_ptr<tsdb::Querier> DeferredDb::NewQuerier() const {
  const tsdb::Db* db = db_;
  return db != nullptr ? db->NewQuerier() : std::make_unique<UnavailableQuerier>();
}

absl::StatusOr<std::vector<tsdb::SeriesExemplars>> DeferredDb::Exemplars(
    std::span<const std::vector<LabelMatcher>> selectors, TimeRange range) const {
  const tsdb::Db* db = db_;
  if (db == nullptr) return Replaying();
  return db->Exemplars(selectors, range);
}

void DeferredDb::ResizeExemplars(size_t max_exemplars) {
  if (tsdb::Db* const db = db_; db != nullptr) db->ResizeExemplars(max_exemplars);
}

tsdb::HeadStats DeferredDb::Stats() const {
  const tsdb::Db* db = db_;
  return db != nullptr ? db->Stats() : tsdb::HeadStats();
}

std::vector<tsdb::LabelPairCount> DeferredDb::LabelPairs() const {
  const tsdb::Db* db = db_;
  return db != nullptr ? db->LabelPairs() : std::vector<tsdb::LabelPairCount>();
}

std::vector<tsdb::BlockMeta> DeferredDb::Blocks() const {
  const tsdb::Db* db = db_;
  return db != nullptr ? db->Blocks() : std::vector<tsdb::BlockMeta>();
}

absl::StatusOr<size_t> DeferredDb::Delete(std::span<const LabelMatcher> matchers, TimeRange range) {
  tsdb::Db* db = db_;
  if (db == nullptr) return Replaying();
  return db->Delete(matchers, range);
}

absl::Status DeferredDb::CleanTombstones() {
  tsdb::Db* db = db_;
  return db != nullptr ? db->CleanTombstones() : Replaying();
}

absl::StatusOr<std::string> DeferredDb::Snapshot(bool skip_head) {
  tsdb::Db* db = db_;
  if (db == nullptr) return Replaying();
  return db->Snapshot(skip_head);
}

absl::Status DeferredDb::Maintain() {
  tsdb::Db* db = db_;
  return db != nullptr ? db->Maintain() : Replaying();
}

tsdb::JournalFeed* DeferredDb::Feed() {
  tsdb::Db* db = db_;
  return db != nullptr ? db->Feed() : nullptr;
}

absl::Status DeferredDb::Close() {
  tsdb::Db* db = db_;
  return db != nullptr ? db->Close() : absl::OkStatus();
}

}  // namespace tidemark::server
