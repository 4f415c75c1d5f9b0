#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/metrics.h"
#include "base/run/clock.h"
#include "tsdb/appender.h"
#include "tsdb/options.h"
#include "tsdb/querier.h"

namespace tidemark::tsdb {

// Figures of the head, for /api/v1/status/tsdb.
struct HeadStats {
  uint64_t num_series = 0, num_label_pairs = 0, num_chunks = 0, num_samples = 0;
  TimeRange range;  // of the samples in the head; min > max where there are none
};

// A store of series in a directory. Thread-safe.
class Db : public Appendable, public Queryable {
 public:
  // Opens or makes the store and replays its journal. `clock` and `metrics` outlive it.
  //   FailedPrecondition  another process has the directory open, or a newer version wrote it
  //   Internal            the directory cannot be read or written; the message names the file
  static absl::StatusOr<std::unique_ptr<Db>> Open(const Options& options, Clock& clock,
                                                  MetricRegistry& metrics);

  // Figures as of now.
  virtual HeadStats Stats() const = 0;
  // Syncs the journal and closes it. Appends fail from now on. The destructor calls it.
  virtual absl::Status Close() = 0;
};

}  // namespace tidemark::tsdb
