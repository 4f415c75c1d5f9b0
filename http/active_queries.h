#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "base/model/timestamp.h"

namespace tidemark::http {

// The file `queries.active`, which names the queries that run: one that takes the process down is
// found in it at the next start. A kill of the process loses nothing of it, a power cut may.
// Thread-safe.
//
//   [                                                        one byte
//   {"query":"QUERY","timestamp_sec":SECONDS},   and blanks   1000 bytes for each query that may
//   run
class ActiveQueries {
 public:
  ActiveQueries() = default;
  ~ActiveQueries();
  ActiveQueries(const ActiveQueries&) = delete;
  ActiveQueries& operator=(const ActiveQueries&) = delete;

  // Begins the file anew, with `max_queries` places. What it held: the entries of the queries that
  // ran when the process before ended, as JSON objects.  Errors: the file cannot be read or
  // written.
  absl::StatusOr<std::vector<std::string>> Open(const std::string& path, size_t max_queries)
      ABSL_LOCKS_EXCLUDED(mu_);

  // A running query, in the file as long as this lives. Longer texts are cut.
  class Entry {
   public:
    Entry(ActiveQueries& queries, std::string_view query, TimestampMs begun);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    ActiveQueries& queries_;
    size_t place_;
  };

 private:
  static constexpr size_t kEntryBytes = 1000, kNoPlace = static_cast<size_t>(-1);

  size_t Insert(std::string_view query, TimestampMs begun) ABSL_LOCKS_EXCLUDED(mu_);
  void Remove(size_t place) ABSL_LOCKS_EXCLUDED(mu_);
  void WriteEntry(size_t place, std::string text) const ABSL_SHARED_LOCKS_REQUIRED(mu_);

  absl::Mutex mu_;
  int fd_ ABSL_GUARDED_BY(mu_) = -1;
  std::vector<size_t> free_ ABSL_GUARDED_BY(mu_);  // places
};

}  // namespace tidemark::http
