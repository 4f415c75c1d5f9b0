#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/model/sample.h"
#include "tsdb/appender.h"
#include "tsdb/querier.h"

namespace tidemark::testing {

// The simplest store that keeps the contracts of Appendable and Queryable: maps in memory. A double
// for what is above tsdb/, and the model that tsdb/ is compared with. Takes samples at any time;
// another value at the same timestamp and a sample older than the newest of its series are
// rejected. Thread-safe.
class MemoryStore : public tsdb::Appendable, public tsdb::Queryable {
 public:
  enum class Hints {
    kAsGiven,  // histograms keep their counter-reset hints
    // Those of appended histograms become what a store can say for sure: that one goes on from the
    // one before, or nothing. Gauges stay gauges.
    kFound,
  };
  explicit MemoryStore(Hints hints = Hints::kAsGiven) : hints_(hints) {}

  std::unique_ptr<tsdb::Appender> NewAppender() override;
  std::unique_ptr<tsdb::Querier> NewQuerier() const override;

  using StoredValue = std::variant<double, HistogramSample, FloatHistogramSample>;
  // Stores one sample past all checks.
  void Add(const LabelSet& labels, TimestampMs timestamp, double value) {
    AddValue(labels, timestamp, value);
  }
  void AddValue(const LabelSet& labels, TimestampMs timestamp, StoredValue value)
      ABSL_LOCKS_EXCLUDED(mu_);
  // The floats of a series, ascending; none where there is no such series.
  std::vector<Sample> Samples(const LabelSet& labels) const ABSL_LOCKS_EXCLUDED(mu_);
  // Its native histograms.
  HistogramColumns Histograms(const LabelSet& labels) const ABSL_LOCKS_EXCLUDED(mu_);
  std::vector<LabelSet> SeriesLabels() const ABSL_LOCKS_EXCLUDED(mu_);
  // All exemplars, in the order in which they were committed. One with the time of the newest one
  // of its series is ignored, an older one is out of order.
  std::vector<std::pair<LabelSet, Exemplar>> Exemplars() const ABSL_LOCKS_EXCLUDED(mu_);
  // Makes each Commit from now on fail with `status`; Ok ends that.
  void FailCommits(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_);
  // Refuses every reference given so far, as a store does that has let idle series go.
  void LetSeriesGo() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  friend class MemoryAppender;
  using SeriesSamples = std::map<TimestampMs, StoredValue>;

  const Hints hints_;
  mutable absl::Mutex mu_;
  std::map<LabelSet, SeriesSamples> series_ ABSL_GUARDED_BY(mu_);
  std::map<LabelSet, SeriesRef> refs_ ABSL_GUARDED_BY(mu_);
  std::vector<LabelSet> labels_by_ref_ ABSL_GUARDED_BY(mu_);
  std::vector<std::pair<Hash128, SeriesRef>> raw_keys_ ABSL_GUARDED_BY(mu_);
  std::vector<std::pair<LabelSet, Exemplar>> exemplars_ ABSL_GUARDED_BY(mu_);
  size_t num_gone_ ABSL_GUARDED_BY(mu_) = 0;  // of labels_by_ref_, from the front
  absl::Status commit_status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::testing
