#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "alerting/notifier.h"
#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "cmd/config/alerting_config.h"
#include "http/otlp_options.h"
#include "remote/remote_write_config.h"
#include "scrape/target.h"

// Prometheus's configuration file, as each module's options. Strict: an unknown key, a bad value
// and a setting of Prometheus that Tidemark does not act on are errors, never passed over.
// Reference: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
namespace tidemark::config {

// The `global` section, defaults filled in. The limits are defaults of scrape configurations.
struct GlobalConfig {
  DurationMs scrape_interval = kMinute;
  DurationMs scrape_timeout = 10 * kSecond;  // never above scrape_interval
  DurationMs evaluation_interval = kMinute;
  DurationMs rule_query_offset = 0;
  LabelSet external_labels;    // environment variables expanded
  std::string query_log_file;  // empty for none; absolute or relative to the process
  size_t body_size_limit = 0, sample_limit = 0, target_limit = 0;
  size_t label_limit = 0, label_name_length_limit = 0, label_value_length_limit = 0;
  size_t keep_dropped_targets = 0;
  std::optional<bool> extra_scrape_metrics;
  std::string scrape_failure_log_file;  // as query_log_file
  scrape::PageFormats formats;
};

struct Config {
  GlobalConfig global;
  std::vector<scrape::ScrapeConfig> scrape_configs;  // job names are unique
  std::vector<std::string> rule_patterns;            // absolute or relative to the process
  alerting::NotifierConfig notifier;                 // without external_url
  std::vector<AlertmanagerGroup> alertmanagers;      // those with a discovery
  std::vector<remote::RemoteWriteConfig> remote_write;
  size_t max_exemplars = 100'000;  // storage.exemplars.max_exemplars
  http::OtlpOptions otlp;
  std::optional<DurationMs> out_of_order_window;  // storage.tsdb.out_of_order_time_window
  std::optional<DurationMs> retention;            // storage.tsdb.retention.time
  std::optional<uint64_t> retention_bytes;        // storage.tsdb.retention.size
  std::string yaml;                               // what was read, secrets as "<secret>"
};

// Reads a configuration file and those it names (`scrape_config_files`, password files). Relative
// paths in a file are relative to its directory. An empty file is a configuration of defaults.
//   NotFound, PermissionDenied
//   InvalidArgument  "FILE:LINE: reason"
absl::StatusOr<Config> LoadConfig(const std::string& path);
// The same for `text`; `path` is what errors say and what relative paths start from.
absl::StatusOr<Config> ParseConfig(std::string_view text, const std::string& path);

}  // namespace tidemark::config
