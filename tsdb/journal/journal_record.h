#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/model/series_ref.h"
#include "base/model/timestamp.h"
#include "tsdb/series_sample.h"

namespace tidemark::tsdb {

// One native histogram of a batch, as AppendHistogram writes one by itself.
struct SeriesHistogram {
  SeriesRef series = kNoSeries;
  TimestampMs timestamp = 0;
  std::string_view bytes;
};

// One exemplar of a batch; `labels` are LabelSet::bytes().
struct SeriesExemplar {
  SeriesRef series = kNoSeries;
  TimestampMs timestamp = 0;
  double value = 0;
  std::string_view labels;
};

// A series that a batch names for the first time. `labels` are LabelSet::bytes().
struct NewSeries {
  SeriesRef series = kNoSeries;
  std::string_view labels;
};

// Samples of a series that were deleted: those at `times`, both ends included, of batches before
// this one and of this one.
struct SeriesDeletion {
  SeriesRef series = kNoSeries;
  TimeRange times;  // min <= max
  friend bool operator==(const SeriesDeletion&, const SeriesDeletion&) = default;
};

struct JournalBatch {
  std::vector<NewSeries> new_series;
  std::vector<SeriesSample> samples;
  std::vector<SeriesDeletion> deletions;
  std::vector<SeriesHistogram> histograms = {};  // after all of `samples`
  std::vector<SeriesExemplar> exemplars = {};

  size_t num_samples() const { return samples.size() + histograms.size(); }
  void clear() {
    new_series.clear();
    samples.clear();
    deletions.clear();
    histograms.clear();
    exemplars.clear();
  }
};

// What a record is made of; views, as in JournalBatch.
struct JournalContents {
  std::span<const NewSeries> new_series = {};
  std::span<const SeriesSample> samples = {};
  std::span<const SeriesDeletion> deletions = {};
  std::span<const SeriesHistogram> histograms = {};
  std::span<const SeriesExemplar> exemplars = {};
};

// A journal record is the value stored for one accepted batch. Layout: docs/storage-format.md.
// Replaces `out`. Bit-exact for every double. References may have any high half, the generation of
// their number; their low half is not 0. Cost: about a byte and a value per sample where neighbours
// follow each other, times are equal and generations come in runs.
void EncodeJournalRecord(const JournalContents& contents, std::string* out);
// Replaces `out`, whose labels, histograms and exemplars point into `record`. The low halves of the
// references are not 0; labels are bytes as they were given and are not looked into, histograms are
// such.
//   DataLoss             the checksum fails, or the bytes cannot be a record
//   FailedPrecondition   a newer version wrote it
absl::Status DecodeJournalRecord(std::string_view record, JournalBatch& out);

}  // namespace tidemark::tsdb
