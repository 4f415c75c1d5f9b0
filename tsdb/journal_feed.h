#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/model/histogram_columns.h"
#include "base/model/series_ref.h"
#include "tsdb/series_sample.h"

namespace tidemark::tsdb {

struct FeedHistogram {
  SeriesRef series = kNoSeries;
  TimestampMs timestamp = 0;
  HistogramView histogram;
};

// A batch as the journal has it: what one commit stored, in its order but floats first. Deletions
// are not told.
struct FeedBatch {
  uint64_t number = 0;
  std::span<const SeriesSample> samples;
  std::span<const FeedHistogram> histograms;
};

// The name under which Options::hold_journal holds.
inline constexpr std::string_view kStartupReader = "startup";

// The batches of the journal, for those who send them on: each reader goes at its own pace and
// remembers the number it has come to, also over restarts. Numbers ascend by one. The journal keeps
// what its readers hold, up to Options::max_held_journal_bytes. Thread-safe.
class JournalFeed {
 public:
  virtual ~JournalFeed() = default;

  // The number of the newest batch; 0 where there has never been one.
  virtual uint64_t LastNumber() const = 0;
  // The time of the newest sample of all; kMinTimestamp where there has never been one.
  virtual TimestampMs Newest() const = 0;

  // Takes a batch, which is valid until it returns; false ends the reading.
  using Visit = std::function<bool(const FeedBatch& batch)>;
  // Hands the batches from `first` on to `visit`, as far as there are any; the number to go on
  // from. Numbers between that are not visited are of batches that were dropped or are damaged.
  // `visit` may ask for Labels and calls nothing else of the store. Cost: that of decoding, and
  // some microseconds.
  //   Unavailable  the journal cannot be read now
  virtual absl::StatusOr<uint64_t> Read(uint64_t first, const Visit& visit) = 0;

  // The labels of a series of a batch that is held; nullopt where damage has taken them.
  virtual std::optional<LabelSet> Labels(SeriesRef series) const = 0;

  // From now on the batches from `number` on are kept for that reader, instead of those that it
  // held before. Release lets go of all.
  virtual void Hold(std::string_view reader, uint64_t number) = 0;
  virtual void Release(std::string_view reader) = 0;
};

}  // namespace tidemark::tsdb
