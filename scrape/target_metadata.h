#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"

namespace tidemark::scrape {

// What a target says of a metric family.
struct MetricMetadata {
  std::string family;
  std::string type = "unknown";  // "counter", "gauge", "histogram", "summary", ...
  std::string help, unit;        // empty where nothing is said

  friend bool operator==(const MetricMetadata&, const MetricMetadata&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const MetricMetadata& m) {
    return H::combine(std::move(h), m.family, m.type, m.help, m.unit);
  }
};

// One object for all targets that say the same, as the many targets of one exporter do.
// Thread-safe.
class MetadataPool {
 public:
  std::shared_ptr<const MetricMetadata> Share(MetricMetadata metadata) ABSL_LOCKS_EXCLUDED(mu_);
  size_t size() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct ByContent {
    using is_transparent = void;
    size_t operator()(const MetricMetadata& m) const;
    size_t operator()(const std::shared_ptr<const MetricMetadata>& m) const;
    bool operator()(const std::shared_ptr<const MetricMetadata>& a, const MetricMetadata& b) const;
    bool operator()(const std::shared_ptr<const MetricMetadata>& a,
                    const std::shared_ptr<const MetricMetadata>& b) const;
  };

  mutable absl::Mutex mu_;  // nothing else is locked under it
  absl::flat_hash_set<std::shared_ptr<const MetricMetadata>, ByContent, ByContent> all_
      ABSL_GUARDED_BY(mu_);
  size_t sweep_at_ ABSL_GUARDED_BY(mu_) = 1000;  // what nobody has any more goes at this size
};

// What the pages of one target say of their families. A family that pages no longer mention is kept
// for ten more of them. List and Find are thread-safe; the rest is for the one thread that reads
// the page, which takes no lock where a page says what the one before said. 32 bytes a family, and
// the pool's share.
class TargetMetadata {
 public:
  // `pool` outlives the last Set.
  explicit TargetMetadata(MetadataPool& pool) : pool_(pool) {}

  std::vector<MetricMetadata> List() const ABSL_LOCKS_EXCLUDED(mu_);  // by name
  std::optional<MetricMetadata> Find(std::string_view family) const ABSL_LOCKS_EXCLUDED(mu_);

  // The page being read says so.
  void SetType(std::string_view family, std::string_view type);
  void SetHelp(std::string_view family, std::string_view help);
  void SetUnit(std::string_view family, std::string_view unit);
  // The page has been read to its end.
  void EndPage() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    std::shared_ptr<const MetricMetadata> metadata;
    uint64_t last_page = 0;
  };

  void Set(std::string_view family, std::string MetricMetadata::*field, std::string_view text)
      ABSL_LOCKS_EXCLUDED(mu_);
  size_t PlaceOf(std::string_view family) ABSL_LOCKS_EXCLUDED(mu_);

  MetadataPool& pool_;
  mutable absl::Mutex mu_;  // the pool's is not taken under it
  // Written under the mutex, and only by the thread that reads the page, which therefore looks at
  // it without.
  std::vector<Entry> entries_;  // mostly in the order of the page

  // Of the page being read.
  size_t next_ = 0;                                  // where the next line is expected to belong
  absl::flat_hash_map<std::string, size_t> places_;  // made where the order differs
  uint64_t page_ = 0;
};

// Of one active target.
struct ActiveMetadata {
  LabelSet labels;                                 // the target's
  std::shared_ptr<const TargetMetadata> metadata;  // not null
};

}  // namespace tidemark::scrape
