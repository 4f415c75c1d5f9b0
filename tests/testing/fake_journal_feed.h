#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/model/native_histogram.h"
#include "base/strings.h"
#include "tsdb/journal_feed.h"

namespace tidemark::testing {

// A journal in memory. Thread-safe.
class FakeJournalFeed : public tsdb::JournalFeed {
 public:
  struct Value {
    LabelSet labels;
    TimestampMs timestamp = 0;
    double value = 0;
  };

  // Adds a batch; its number.
  uint64_t Add(const std::vector<Value>& values) ABSL_LOCKS_EXCLUDED(mu_);
  // Adds a batch with one native histogram.
  uint64_t AddHistogram(const LabelSet& labels, TimestampMs timestamp,
                        const FloatHistogramSample& histogram) ABSL_LOCKS_EXCLUDED(mu_);
  // Loses the batches below `number`.
  void DropBefore(uint64_t number) ABSL_LOCKS_EXCLUDED(mu_);
  // Forgets a series, as damage does.
  void ForgetSeries(const LabelSet& labels) ABSL_LOCKS_EXCLUDED(mu_);
  // What a reader holds; nullopt where it holds nothing.
  std::optional<uint64_t> HeldBy(std::string_view reader) const ABSL_LOCKS_EXCLUDED(mu_);

  uint64_t LastNumber() const override ABSL_LOCKS_EXCLUDED(mu_);
  TimestampMs Newest() const override ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<uint64_t> Read(uint64_t first, const Visit& visit) override
      ABSL_LOCKS_EXCLUDED(mu_);
  std::optional<LabelSet> Labels(SeriesRef series) const override ABSL_LOCKS_EXCLUDED(mu_);
  void Hold(std::string_view reader, uint64_t number) override ABSL_LOCKS_EXCLUDED(mu_);
  void Release(std::string_view reader) override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Batch {
    std::vector<tsdb::SeriesSample> samples;
    std::vector<tsdb::FeedHistogram> histograms;
    std::vector<FloatHistogramSample> histogram_values;
  };
  SeriesRef RefOf(const LabelSet& labels) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;
  uint64_t last_ ABSL_GUARDED_BY(mu_) = 0;
  TimestampMs newest_ ABSL_GUARDED_BY(mu_) = kMinTimestamp;
  std::map<uint64_t, std::shared_ptr<const Batch>> batches_ ABSL_GUARDED_BY(mu_);
  std::map<LabelSet, SeriesRef> refs_ ABSL_GUARDED_BY(mu_);
  std::map<SeriesRef, LabelSet> labels_ ABSL_GUARDED_BY(mu_);
  StringMap<uint64_t> held_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tidemark::testing
