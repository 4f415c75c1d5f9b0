#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/model/exemplar.h"
#include "tsdb/appender.h"
#include "tsdb/exemplar_querier.h"

namespace tidemark::tsdb {

// The newest exemplars of all series, in memory: one ring, in which each new one takes the place of
// the oldest. The exemplars of a series ascend by time, then value, then labels. Thread-safe.
// Source: Prometheus, tsdb/exemplar.go, which stores the same under the same metrics.
class ExemplarStore {
 public:
  // Takes up to `capacity` exemplars; none where it is 0. `metrics` outlives it.
  ExemplarStore(size_t capacity, MetricRegistry& metrics);

  // What Add would say.
  ExemplarVerdict Check(const LabelSet& series, const Exemplar& exemplar) const
      ABSL_LOCKS_EXCLUDED(mu_);
  // Stores it unless the verdict is another one than kTaken.
  ExemplarVerdict Add(const LabelSet& series, Exemplar exemplar) ABSL_LOCKS_EXCLUDED(mu_);
  // Keeps the newest ones where the capacity becomes smaller.
  void Resize(size_t capacity) ABSL_LOCKS_EXCLUDED(mu_);
  bool is_enabled() const ABSL_LOCKS_EXCLUDED(mu_);

  // As ExemplarQueryable. Cost: a look at each series that has exemplars.
  std::vector<SeriesExemplars> Select(std::span<const std::vector<LabelMatcher>> selectors,
                                      TimeRange range) const ABSL_LOCKS_EXCLUDED(mu_);

  // Everything that is stored, as bytes (docs/storage-format.md), and `covers` with it.
  std::string Encode(uint64_t covers) const ABSL_LOCKS_EXCLUDED(mu_);
  // Adds what Encode gave; its `covers`.
  //   DataLoss            the bytes are damaged; nothing was added
  //   FailedPrecondition  a newer version wrote them
  absl::StatusOr<uint64_t> Load(std::string_view bytes) ABSL_LOCKS_EXCLUDED(mu_);
  // How many were ever added: whether there is something new to be written.
  uint64_t num_added() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // Places of a series' exemplars; those between are linked.
  struct Ends {
    uint32_t oldest, newest;
  };
  using SeriesMap = std::map<LabelSet, Ends>;
  struct Slot {
    Exemplar exemplar;
    SeriesMap::iterator series;
    uint32_t next = kNone;  // of the same series
  };
  static constexpr uint32_t kNone = ~uint32_t{0};

  ExemplarVerdict CheckLocked(const LabelSet& series, const Exemplar& exemplar) const
      ABSL_SHARED_LOCKS_REQUIRED(mu_);
  void Put(const LabelSet& series, Exemplar exemplar) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Evict(uint32_t place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The place of the i-th, from the oldest on.
  uint32_t PlaceOf(size_t i) const ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return static_cast<uint32_t>((oldest_ + i) % slots_.size());
  }
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Counter& appended_;
  Counter& out_of_order_;
  Gauge& stored_;
  Gauge& series_with_exemplars_;
  Gauge& oldest_seconds_;
  Gauge& max_;

  mutable absl::Mutex mu_;  // nothing else is locked under it
  size_t capacity_ ABSL_GUARDED_BY(mu_);
  std::vector<Slot> slots_ ABSL_GUARDED_BY(mu_);  // grows up to capacity_, then is the ring
  size_t oldest_ ABSL_GUARDED_BY(mu_) = 0;        // in slots_
  SeriesMap series_ ABSL_GUARDED_BY(mu_);
  uint64_t num_added_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tidemark::tsdb
