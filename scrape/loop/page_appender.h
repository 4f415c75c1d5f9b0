#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "scrape/expfmt/exposition_parser.h"
#include "scrape/loop/series_cache.h"
#include "scrape/target.h"
#include "scrape/target_metadata.h"
#include "tsdb/appender.h"

namespace tidemark::scrape {

struct PageCounts {
  size_t scraped = 0;   // samples in the page
  size_t kept = 0;      // left after metric relabeling
  size_t appended = 0;  // of those, put into the batch
  size_t repeated = 0;  // of those, left out because the page has their series already
  size_t new_series = 0;
  size_t exemplars_out_of_order = 0;  // of samples all of whose exemplars were
  std::vector<size_t> zeros;          // places in the batch of zeros put before samples; ascending
};

// When each series began to count, as far as a zero has been put there.
using CreatedTimesOfSeries = absl::flat_hash_map<SeriesRef, TimestampMs>;

// Puts the samples of one page into a batch; used for one page. Series that `cache` knows cost a
// hash of their bytes and no more. One thread.
class PageAppender {
 public:
  // All of these outlive the appender. Samples without a timestamp of their own get `time`. A
  // series in `reserved` is not taken from the page: the scraper writes these itself.
  PageAppender(const ScrapeConfig& config, const LabelSet& target_labels, TimestampMs time,
               std::span<const SeriesRef> reserved, SeriesCache& cache, TargetMetadata& metadata,
               CreatedTimesOfSeries& created, tsdb::Appender& batch);

  // Reads the page to its end. After an error the batch holds a part of the page.
  //   InvalidArgument    the page is malformed, a histogram contradicts itself, or a sample has no
  //                      metric name after relabeling
  //   ResourceExhausted  "sample limit exceeded", "histogram bucket limit exceeded", a label limit,
  //                      or the store takes no new series
  absl::Status Append(ExpositionParser& page);
  // Complete also after an error of the sample or the bucket limit.
  const PageCounts& counts() const { return counts_; }
  bool over_sample_limit() const { return over_sample_limit_; }
  bool over_label_limit() const { return over_label_limit_; }
  bool over_bucket_limit() const { return over_bucket_limit_; }

 private:
  void TakeMetadata(const ExpositionEntry& entry);
  absl::Status AppendSample(ExpositionEntry& sample, ExpositionParser& page);
  bool TakesZero(SeriesRef series, TimestampMs time, const ExpositionEntry& sample);
  absl::Status AppendHistogram(SeriesRef series, TimestampMs time, ExpositionEntry& sample);
  absl::Status AppendExemplars(SeriesRef series, TimestampMs time, const ExpositionEntry& sample,
                               ExpositionParser& page);
  absl::StatusOr<SeriesRef> NewSeries(ExpositionParser& page);

  const ScrapeConfig& config_;
  const LabelSet& target_labels_;
  const TimestampMs time_;
  const std::span<const SeriesRef> reserved_;
  SeriesCache& cache_;
  TargetMetadata& metadata_;
  CreatedTimesOfSeries& created_;
  tsdb::Appender& batch_;
  ExpositionLabels labels_;          // of the sample being read; kept for its capacity
  std::vector<Exemplar> exemplars_;  // likewise
  PageCounts counts_;
  bool over_sample_limit_ = false, over_label_limit_ = false, over_bucket_limit_ = false;
};

}  // namespace tidemark::scrape
