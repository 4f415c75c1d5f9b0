#include "scrape/loop/target_appender.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>

#include "base/log.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/page_format.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kReportNames[] = {
    "up", "scrape_duration_seconds", "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling", "scrape_series_added",
    // Only where they are asked for:
    "scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"};
constexpr size_t kNumAlwaysReported = 5;

size_t NumReports(const Scrape& scrape) {
  return scrape.with_extra_metrics ? std::size(kReportNames) : kNumAlwaysReported;
}

double BodySize(const Scrape& scrape) {
  if (scrape.response.ok()) return static_cast<double>(scrape.response->body.size());
  return absl::IsResourceExhausted(scrape.response.status()) && !scrape.is_forbidden ? -1 : 0;
}

// A target that was down for long may find its series gone from the head: what is known of them
// is then forgotten.
constexpr DurationMs kKeepWhileDown = 10 * kMinute;

constexpr size_t kMinCreatedKept = 1000;

void AppendMarkers(std::span<const SeriesRef> series, TimestampMs time, tsdb::Appender& batch) {
  for (const SeriesRef ref : series) batch.Append(ref, time, StaleMarker());
}

}  // namespace

TargetAppender::TargetAppender(const LabelSet& labels, tsdb::Appendable& store,
                               ScrapeMetrics& metrics, MetadataPool& metadata)
    : labels_(labels),
      store_(store),
      metrics_(metrics),
      metadata_(std::make_shared<TargetMetadata>(metadata)) {
  static_assert(std::size(kReportNames) == kMaxReports);
}

ScrapeResult TargetAppender::Append(const Scrape& scrape) {
  ScrapeResult result = AppendOnce(scrape);
  // A target that is scraped every few hours finds that the store has let its series go meanwhile.
  if (!series_gone_) return result;
  cache_.Clear();
  created_.clear();
  reports_.fill(kNoSeries);
  return AppendOnce(scrape);
}

ScrapeResult TargetAppender::AppendOnce(const Scrape& scrape) {
  const std::unique_ptr<tsdb::Appender> batch = store_.NewAppender();
  PageCounts counts;
  ScrapeResult result;
  result.status = AppendPage(scrape, *batch, &counts);
  const bool up = result.status.ok();
  metrics_.exemplar_out_of_order.Increment(static_cast<double>(counts.exemplars_out_of_order));
  if (!up) {
    batch->Rollback();
    created_.clear();
  }
  AppendMarkers(up ? cache_.Vanished() : cache_.Alive(), scrape.time, *batch);
  result.duration_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - scrape.start).count();

  if (absl::Status status = AppendReports(scrape, counts, result, *batch); !status.ok()) {
    cache_.DropPage();
    created_.clear();
    result.status = std::move(status);
  } else if (up) {
    cache_.EndPage();
    // Series that are gone leave their times behind; all are told again, at little cost.
    if (created_.size() > 2 * cache_.size() + kMinCreatedKept) created_.clear();
    last_good_page_ = scrape.time;
  } else {
    cache_.EndAll();
    if (SaturatingSubtract(scrape.time, kKeepWhileDown) > last_good_page_) cache_.Clear();
  }
  return result;
}

absl::Status TargetAppender::AppendPage(const Scrape& scrape, tsdb::Appender& batch,
                                        PageCounts* counts) {
  if (!scrape.response.ok()) {
    const bool too_large =
        !scrape.is_forbidden && absl::IsResourceExhausted(scrape.response.status());
    if (too_large) metrics_.exceeded_body_size_limit.Increment();
    return scrape.response.status();
  }
  if (scrape.response->body.empty()) return absl::OkStatus();  // fine in any format or none
  ASSIGN_OR_RETURN(const std::unique_ptr<ExpositionParser> parser,
                   NewParser(scrape.response->body, scrape.response->Header("content-type"),
                             scrape.config->fallback_scrape_protocol, scrape.config->formats));
  ASSIGN_OR_RETURN(const Reports reports, FindReports(scrape, batch));
  PageAppender page(*scrape.config, labels_, scrape.time,
                    std::span(reports).first(NumReports(scrape)), cache_, *metadata_, created_,
                    batch);
  absl::Status status = page.Append(*parser);
  *counts = page.counts();
  if (page.over_sample_limit()) metrics_.exceeded_sample_limit.Increment();
  if (page.over_label_limit()) metrics_.exceeded_label_limits.Increment();
  if (page.over_bucket_limit()) metrics_.exceeded_bucket_limit.Increment();
  return status;
}

absl::StatusOr<TargetAppender::Reports> TargetAppender::FindReports(const Scrape& scrape,
                                                                    tsdb::Appender& batch) const {
  Reports reports = reports_;
  for (size_t i = 0; i < NumReports(scrape); ++i) {
    if (reports[i] != kNoSeries) continue;
    LabelSetBuilder labels(labels_);
    labels.Set(kMetricName, kReportNames[i]);
    ASSIGN_OR_RETURN(reports[i], batch.GetOrCreate(labels.Build()));
  }
  return reports;
}

// Adds the target's own series to the batch and stores it.
absl::Status TargetAppender::AppendReports(const Scrape& scrape, const PageCounts& counts,
                                           const ScrapeResult& result, tsdb::Appender& batch) {
  // Looked up after a rollback, which may have taken back that they were made.
  ASSIGN_OR_RETURN(const Reports reports, FindReports(scrape, batch));
  const bool up = result.status.ok();
  const double values[kMaxReports] = {up ? 1.0 : 0.0,
                                      result.duration_seconds,
                                      static_cast<double>(counts.scraped),
                                      static_cast<double>(counts.kept),
                                      static_cast<double>(counts.new_series),
                                      static_cast<double>(scrape.timeout) / kSecond,
                                      static_cast<double>(scrape.config->sample_limit),
                                      BodySize(scrape)};
  for (size_t i = 0; i < NumReports(scrape); ++i) batch.Append(reports[i], scrape.time, values[i]);
  RETURN_IF_ERROR(Commit(up ? counts : PageCounts(), batch));
  reports_ = reports;
  return absl::OkStatus();
}

void TargetAppender::AppendEnd(TimestampMs time) {
  const std::unique_ptr<tsdb::Appender> batch = store_.NewAppender();
  AppendMarkers(cache_.Alive(), time, *batch);
  const auto num_reports =
      std::find(reports_.begin(), reports_.end(), kNoSeries) - reports_.begin();
  AppendMarkers(std::span(reports_).first(num_reports), time, *batch);
  if (const absl::Status status = Commit(PageCounts(), *batch); !status.ok()) {
    log::Error("staleness markers of a removed target were not stored",
               {{"target", labels_.ToString()}, {"err", status.ToString()}});
  }
  cache_.Clear();
}

// Stores the batch and counts what is rejected of the page, whose samples stand first in it. A
// rejected marker or report means that newer samples are there already, which is no error; so does
// a zero where a counter began.
absl::Status TargetAppender::Commit(const PageCounts& page, tsdb::Appender& batch) {
  const absl::StatusOr<tsdb::CommitResult> committed = batch.Commit(tsdb::CommitMode::kPartial);
  series_gone_ = absl::IsNotFound(committed.status());
  RETURN_IF_ERROR(committed.status());
  size_t out_of_order = 0, duplicate = page.repeated, out_of_bounds = 0;
  for (const tsdb::RejectedSample& rejected : committed->rejected) {
    if (rejected.index >= page.appended + page.zeros.size()) break;
    if (std::binary_search(page.zeros.begin(), page.zeros.end(), rejected.index)) continue;
    switch (rejected.reason) {
      case tsdb::RejectReason::kDuplicate:
        ++duplicate;
        break;
      case tsdb::RejectReason::kOutOfOrder:
      case tsdb::RejectReason::kTooOld:
        ++out_of_order;
        break;
      case tsdb::RejectReason::kOutOfBounds:
        ++out_of_bounds;
        break;
    }
  }
  CountDropped("Error on ingesting out-of-order samples", out_of_order, metrics_.out_of_order);
  CountDropped("Error on ingesting samples with different value but same timestamp", duplicate,
               metrics_.duplicate_timestamp);
  CountDropped("Error on ingesting samples that are too old or are too far into the future",
               out_of_bounds, metrics_.out_of_bounds);
  return absl::OkStatus();
}

void TargetAppender::CountDropped(std::string_view text, size_t count, Counter& counter) const {
  if (count == 0) return;
  counter.Increment(static_cast<double>(count));
  log::Warn(text, {{"target", labels_.ToString()}, {"num_dropped", StrCat(count)}});
}

}  // namespace tidemark::scrape
