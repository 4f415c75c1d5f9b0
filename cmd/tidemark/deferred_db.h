#pragma once

#include <atomic>
#include <memory>

#include "absl/status/status.h"

#include "tsdb/db.h"

namespace tidemark::server {

// A store that is opened after those who use it have been made, so that the server can answer while
// the journal is replayed. Before Open is through, every operation gives Unavailable. Thread-safe.
class DeferredDb : public tsdb::Db {
 public:
  // Once. Errors are those of tsdb::Db::Open. `clock` and `metrics` outlive this.
  absl::Status Open(const tsdb::Options& options, Clock& clock, MetricRegistry& metrics);

  std::unique_ptr<tsdb::Appender> NewAppender() override;
  std::unique_ptr<tsdb::Querier> NewQuerier() const override;
  absl::StatusOr<std::vector<tsdb::SeriesExemplars>> Exemplars(
      std::span<const std::vector<LabelMatcher>> selectors, TimeRange range) const override;
  void ResizeExemplars(size_t max_exemplars) override;
  tsdb::HeadStats Stats() const override;
  std::vector<tsdb::LabelPairCount> LabelPairs() const override;
  std::vector<tsdb::BlockMeta> Blocks() const override;
  absl::StatusOr<size_t> Delete(std::span<const LabelMatcher> matchers, TimeRange range) override;
  absl::Status CleanTombstones() override;
  absl::StatusOr<std::string> Snapshot(bool skip_head) override;
  absl::Status Maintain() override;
  tsdb::JournalFeed* Feed() override;
  absl::Status Close() override;

 private:
  std::unique_ptr<tsdb::Db> owned_;
  std::atomic<tsdb::Db*> db_{nullptr};  // owned_, once it is open
};

}  // namespace tidemark::server
