#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/labels/label_set.h"
#include "base/labels/relabel.h"
#include "base/model/timestamp.h"
#include "base/net/http_client.h"
#include "scrape/discovery_config.h"
#include "scrape/target_group.h"

namespace tidemark::scrape {

// In which formats pages are asked for and what is taken of their histograms.
struct PageFormats {
  // `scrape_protocols`, the preferred one first; empty: Prometheus's choice, protobuf first where
  // native histograms are taken.
  std::vector<std::string> protocols = {};
  // What targets are asked to make of names outside [a-zA-Z_:][a-zA-Z0-9_:]*: "allow-utf-8",
  // "underscores", "dots" or "values".
  std::string name_escaping = "allow-utf-8";
  bool legacy_names = false;  // a page that has such names is refused
  bool native_histograms = false;
  bool convert_classic_histograms = false;  // to native ones with custom buckets
  // What began to count after the last sample gets a zero there. Protobuf is then preferred, too.
  bool created_zero_samples = false;
  bool always_classic_histograms = false;  // the classic series of a native histogram, too
};

// One entry of `scrape_configs` with every default filled in. Checked by whoever made it.
struct ScrapeConfig {
  std::string job_name;
  DurationMs interval = kMinute;
  DurationMs timeout = 10 * kSecond;
  std::string metrics_path = "/metrics";
  std::string scheme = "http";
  std::vector<std::pair<std::string, std::string>> params;
  bool honor_labels = false;
  bool honor_timestamps = true;
  bool track_timestamps_staleness = false;
  bool enable_compression = true;
  size_t body_size_limit = 0, sample_limit = 0, target_limit = 0;  // 0 is no limit
  size_t label_limit = 0, label_name_length_limit = 0, label_value_length_limit = 0;
  size_t keep_dropped_targets = 0;    // the others are only counted
  std::optional<bool> extra_metrics;  // nullopt: as ScrapeOptions say
  std::string failure_log_file;       // empty for none; absolute or relative to the process
  PageFormats formats;
  std::string fallback_scrape_protocol;      // empty: a page without a known Content-Type fails
  size_t native_histogram_bucket_limit = 0;  // positive and negative ones; 0 is no limit
  double native_histogram_min_bucket_factor = 0;  // from a bound to the next; 0 is no limit
  std::vector<TargetGroup> static_configs;
  DiscoveryConfigs discovery;  // all other `*_sd_configs`
  std::vector<RelabelRule> relabel_rules, metric_relabel_rules;
  HttpClientOptions http;
};

// What command line flags say of all scrapes.
struct ScrapeOptions {
  DurationMs discovery_reload_interval = 5 * kSecond;  // at most so often targets are set anew
  bool adjust_timestamps = true;                       // to the moments that scrapes are meant for
  DurationMs timestamp_tolerance = 2;  // by at most this much, and 1 % of the interval
  bool extra_metrics = false;  // scrape_timeout_seconds and its like, where a job does not say
};

enum class TargetHealth { kUnknown, kUp, kDown };

// What /api/v1/targets says of an active target.
struct TargetStatus {
  LabelSet discovered_labels;  // before relabeling
  LabelSet labels;             // of its series
  std::string scrape_pool;     // the job
  std::string url;             // what is fetched
  TargetHealth health = TargetHealth::kUnknown;
  std::string last_error;       // empty while up
  TimestampMs last_scrape = 0;  // start; 0 before the first
  double last_scrape_duration_seconds = 0;
  DurationMs interval = 0, timeout = 0;
};

struct DroppedTarget {
  LabelSet discovered_labels;
  std::string scrape_pool;
};

}  // namespace tidemark::scrape
