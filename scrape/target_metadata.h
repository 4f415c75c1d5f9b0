#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "base/labels/label_set.h"
#include "base/strings.h"

namespace tidemark::scrape {

// What a target says of a metric family.
struct MetricMetadata {
  std::string family;
  std::string type = "unknown";  // "counter", "gauge", "histogram", "summary", ...
  std::string help, unit;        // empty where nothing is said
};

// What the pages of one target say of their families. A family that pages no longer mention is kept
// for ten more of them. List and Find are thread-safe; the rest is for the one thread that reads
// the page, which takes no lock where a page says what the one before said.
class TargetMetadata {
 public:
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
    MetricMetadata metadata;
    uint64_t last_page = 0;
  };

  void Set(std::string_view family, std::string MetricMetadata::*field, std::string_view text)
      ABSL_LOCKS_EXCLUDED(mu_);
  size_t PlaceOf(std::string_view family) ABSL_LOCKS_EXCLUDED(mu_);

  mutable absl::Mutex mu_;  // nothing else is locked under it
  // Written under the mutex, and only by the thread that reads the page, which therefore looks at
  // them without it.
  std::vector<Entry> entries_;  // mostly in the order of the page
  StringMap<size_t> places_;    // in entries_

  size_t next_ = 0;  // where the next line is expected to belong
  uint64_t page_ = 0;
};

// Of one active target.
struct ActiveMetadata {
  LabelSet labels;                                 // the target's
  std::shared_ptr<const TargetMetadata> metadata;  // not null
};

}  // namespace tidemark::scrape
