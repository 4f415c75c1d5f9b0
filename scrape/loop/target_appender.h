#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/labels/label_set.h"
#include "base/net/http_client.h"
#include "scrape/loop/page_appender.h"
#include "scrape/loop/scrape_metrics.h"
#include "scrape/loop/series_cache.h"
#include "scrape/target.h"
#include "scrape/target_metadata.h"
#include "tsdb/appender.h"

namespace tidemark::scrape {

// One scrape of a target: by which configuration, when, and what came of it.
struct Scrape {
  std::shared_ptr<const ScrapeConfig> config;
  TimestampMs time = 0;  // of its samples
  // For the duration: wall clocks jump, and count only milliseconds.
  std::chrono::steady_clock::time_point start;
  absl::StatusOr<HttpResponse> response;  // a page, or why there is none
  bool is_forbidden = false;              // nothing was asked for: the pool is over its limit
  DurationMs timeout = 0;
  bool with_extra_metrics = false;
};

struct ScrapeResult {
  absl::Status status;  // Ok: the target is up
  double duration_seconds = 0;
};

// Stores what the scrapes of one target bring, a batch each: the samples of the page, staleness
// markers for series that vanished, and the target's own series `up`, `scrape_duration_seconds`,
// `scrape_samples_scraped`, `scrape_samples_post_metric_relabeling` and `scrape_series_added`, and
// where they are asked for `scrape_timeout_seconds`, `scrape_sample_limit` and
// `scrape_body_size_bytes` (-1 above its limit, 0 after another failure of the request).
// A page that is refused leaves nothing but markers for all series of the last good one. One
// thread at a time.
class TargetAppender {
 public:
  // `store`, `metrics` and `metadata` outlive this. `labels` are the target's.
  TargetAppender(const LabelSet& labels, tsdb::Appendable& store, ScrapeMetrics& metrics,
                 MetadataPool& metadata);

  ScrapeResult Append(const Scrape& scrape);
  // Ends all series of the target, its own ones too.
  void AppendEnd(TimestampMs time);
  const LabelSet& labels() const { return labels_; }
  // What the pages say of metric families; may outlive this.
  std::shared_ptr<const TargetMetadata> metadata() const { return metadata_; }
  // Samples are labelled by other rules from now on.
  void ForgetLabels() { cache_.ForgetNames(); }

 private:
  static constexpr size_t kMaxReports = 8;

  using Reports = std::array<SeriesRef, kMaxReports>;  // kNoSeries: not found yet

  ScrapeResult AppendOnce(const Scrape& scrape);
  absl::Status AppendPage(const Scrape& scrape, tsdb::Appender& batch, PageCounts* counts);
  absl::StatusOr<Reports> FindReports(const Scrape& scrape, tsdb::Appender& batch) const;
  absl::Status AppendReports(const Scrape& scrape, const PageCounts& counts,
                             const ScrapeResult& result, tsdb::Appender& batch);
  absl::Status Commit(const PageCounts& page, tsdb::Appender& batch);
  // Of samples that were left out; Prometheus's words.
  void CountDropped(std::string_view text, size_t count, Counter& counter) const;

  const LabelSet labels_;
  tsdb::Appendable& store_;
  ScrapeMetrics& metrics_;
  SeriesCache cache_;
  const std::shared_ptr<TargetMetadata> metadata_;
  CreatedTimesOfSeries created_;
  Reports reports_{};  // kNoSeries until a batch with it is stored
  TimestampMs last_good_page_ = kMinTimestamp;
  bool series_gone_ = false;  // the last batch was refused because the store had let a series go
};

}  // namespace tidemark::scrape
