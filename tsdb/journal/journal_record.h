#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/model/series_ref.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// One sample of a batch, in the head and in the journal alike.
struct SeriesSample {
  SeriesRef series = kNoSeries;
  TimestampMs timestamp = 0;
  double value = 0;
};

// A series that a batch names for the first time. `labels` are LabelSet::bytes().
struct NewSeries {
  SeriesRef series = kNoSeries;
  std::string_view labels;
};

struct JournalBatch {
  std::vector<NewSeries> new_series;
  std::vector<SeriesSample> samples;

  void clear() {
    new_series.clear();
    samples.clear();
  }
};

// A journal record is the value stored for one accepted batch. Layout: docs/storage-format.md.
// Replaces `out`. Bit-exact for every double.
void EncodeJournalRecord(std::span<const NewSeries> new_series,
                         std::span<const SeriesSample> samples, std::string* out);
// Replaces `out`, whose label views point into `record`. The references are not 0; labels are bytes
// as they were given and are not looked into.
//   DataLoss             the checksum fails, or the bytes cannot be a record
//   FailedPrecondition   a newer version wrote it
absl::Status DecodeJournalRecord(std::string_view record, JournalBatch& out);

}  // namespace tidemark::tsdb
