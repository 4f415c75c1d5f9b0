#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/io/hash.h"
#include "base/labels/label_set.h"
#include "base/model/exemplar.h"
#include "base/model/native_histogram.h"
#include "base/model/series_ref.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// Why a sample of a batch was not stored; Prometheus's distinctions and counters.
enum class RejectReason {
  kOutOfOrder,   // older than the newest sample of its series
  kDuplicate,    // another value at the timestamp of a stored sample; the same bits again are
                 // accepted silently
  kTooOld,       // before what the store still takes
  kOutOfBounds,  // too far in the future
};

// As Prometheus words it: "out of order sample", "duplicate sample for timestamp", "too old
// sample", "out of bounds".
std::string_view RejectReasonText(RejectReason reason);

struct RejectedSample {
  size_t index;  // position in the batch, from 0, in order of Append
  RejectReason reason;
};

// What becomes of an exemplar.
enum class ExemplarVerdict {
  kTaken,          // it is in the batch, or stored
  kIgnored,        // no error: the newest one of its series is the same, or none are stored
  kOutOfOrder,     // it comes before the newest one of its series
  kLabelsTooLong,  // see kMaxExemplarCharacters
};

enum class CommitMode {
  kPartial,       // store what can be stored
  kAllOrNothing,  // store nothing where any sample is rejected
};

struct CommitResult {
  size_t stored = 0;  // samples written; 0 where kAllOrNothing met a rejected one
  std::vector<RejectedSample> rejected;  // by ascending index
};

// Takes one batch of samples, of one scrape, one request or one rule group, and stores it as a
// whole: readers see all of it or nothing, and so does a restart. Used by one thread; many
// appenders may work at once. Destroyed without Commit it leaves nothing behind.
class Appender {
 public:
  virtual ~Appender() = default;

  // The series known under the hash of the raw bytes that name it (SeededHash128 of a remote-write
  // label block, say), kNoSeries where there is none. The steady state of ingestion: no label is
  // parsed.
  virtual SeriesRef Find(const Hash128& raw_key) = 0;

  // The series with these labels, made where there is none; `raw_key`, where not null, finds it
  // from now on.
  //   InvalidArgument    empty label set
  //   ResourceExhausted  the limit of series is reached
  virtual absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet& labels,
                                                const Hash128* raw_key = nullptr) = 0;

  // Adds a sample to the batch. `series` came from this appender's store. Nothing is checked before
  // Commit.
  virtual void Append(SeriesRef series, TimestampMs timestamp, double value) = 0;
  // The same of native histograms, which have passed ValidateHistogram.
  virtual void Append(SeriesRef series, TimestampMs timestamp, HistogramSample histogram) = 0;
  virtual void Append(SeriesRef series, TimestampMs timestamp, FloatHistogramSample histogram) = 0;

  // Adds an exemplar to the batch, and says whether it can be stored as far as that is known now:
  // an exemplar that turns out not to be is left out of what Commit stores, and is no error of it.
  // Most stores have no place for them.
  virtual ExemplarVerdict AppendExemplar(SeriesRef, Exemplar) { return ExemplarVerdict::kIgnored; }

  // Writes the batch. Once this returns Ok a kill of the process loses nothing of it. The appender
  // is then empty and may be used again. A rejected sample is no error of Commit; what is one:
  //   InvalidArgument    a histogram has more than 16,384 buckets
  //   NotFound           a series has left the store, hours after its last sample: nothing is
  //                      stored; look the series up again
  //   Unavailable        the journal cannot be written; nothing of the batch is visible
  //   ResourceExhausted  the disk is full; likewise
  virtual absl::StatusOr<CommitResult> Commit(CommitMode mode) = 0;

  // Forgets the batch.
  virtual void Rollback() = 0;
};

// What can be appended to. Thread-safe.
class Appendable {
 public:
  virtual ~Appendable() = default;
  virtual std::unique_ptr<Appender> NewAppender() = 0;
};

}  // namespace tidemark::tsdb
