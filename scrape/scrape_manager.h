#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "base/run/thread_pool.h"
#include "scrape/target.h"
#include "scrape/target_metadata.h"
#include "tsdb/appender.h"

namespace tidemark::scrape {

// Scrapes the targets of a set of configurations, each on its interval, until stopped. Requests
// wait on one event loop; pages are parsed and appended on `pool`, one batch a scrape. Thread-safe.
class ScrapeManager {
 public:
  // All of these outlive the manager.
  ScrapeManager(tsdb::Appendable& store, HttpClient& client, ThreadPool& pool, Clock& clock,
                MetricRegistry& metrics, const ScrapeOptions& options = {});
  ~ScrapeManager();

  // Says, before the first ApplyConfigs, until when an earlier process has scraped: the time of the
  // newest sample it stored. A target whose moment has passed since then, in less than one
  // interval, is scraped at once, so that a restart leaves no gap.
  void ResumeAfter(TimestampMs last_alive);

  // Replaces the configurations. A target that is the same before and after keeps its schedule and
  // what it knows of its series; one that is gone ends its series with staleness markers.
  // `external_labels` only spread targets over the interval differently on the servers of a pair.
  void ApplyConfigs(std::vector<ScrapeConfig> configs, const LabelSet& external_labels);

  // By pool, then as configured. Of dropped ones each pool keeps as many as it is configured to.
  std::vector<TargetStatus> ActiveTargets() const;
  std::vector<DroppedTarget> DroppedTargets() const;
  // What active targets say of metric families, in the order of ActiveTargets.
  std::vector<ActiveMetadata> Metadata() const;
  // Of each pool, how many targets relabeling drops.
  std::vector<std::pair<std::string, size_t>> DroppedTargetCounts() const;

  // Ends scraping and waits for pages that are being stored; a response that comes later is
  // dropped. Writes no staleness markers. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::scrape
