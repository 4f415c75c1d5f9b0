#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "cmd/config/feature_flags.h"
#include "http/remote_read_options.h"
#include "http/remote_write_messages.h"
#include "scrape/target.h"
#include "tsdb/options.h"

// The command line of the server: Prometheus's flags, by their names.
// Reference: https://prometheus.io/docs/prometheus/latest/command-line/prometheus/
namespace tidemark::server {

struct Flags {
  std::string config_file = "prometheus.yml";
  std::vector<std::string> listen_addresses = {"0.0.0.0:9090"};
  size_t max_connections = 512;
  std::string external_url;  // as given; empty: of this host and port
  std::string cors_origin = ".*";
  bool enable_lifecycle = false, enable_admin_api = false, enable_remote_write_receiver = false;
  bool enable_otlp_receiver = false;
  std::vector<std::string> accepted_write_messages = http::AllWriteMessages();

  bool is_agent = false;
  std::string storage_path = "data/";  // that of the agent, where it is one
  DurationMs retention = 15 * kDay;
  uint64_t retention_bytes = 0;  // 0: no limit
  DurationMs min_block_range = 2 * kHour;
  DurationMs max_block_range = 0;  // 0: a tenth of the retention, at most 31 days
  uint64_t block_cache_bytes = 64 << 20;
  bool retention_given = false;  // then the configuration file still wins
  tsdb::FsyncPolicy fsync = tsdb::FsyncPolicy::kInterval;
  DurationMs fsync_interval = kSecond;

  http::RemoteReadOptions remote_read;
  DurationMs flush_deadline = kMinute;
  uint64_t max_held_journal_bytes = uint64_t{16} << 30;

  DurationMs lookback_delta = 5 * kMinute, query_timeout = 2 * kMinute;
  size_t query_max_concurrency = 20, query_max_samples = 50'000'000;
  uint64_t query_max_memory_bytes = uint64_t{1} << 30;
  uint64_t query_max_total_memory_bytes = uint64_t{4} << 30;
  config::Features features;

  scrape::ScrapeOptions scrape;

  DurationMs for_outage_tolerance = kHour, for_grace_period = 10 * kMinute;
  DurationMs resend_delay = kMinute;
  size_t max_concurrent_evals = 4;
  size_t notification_queue_capacity = 10'000, notification_batch_size = 256;
  bool drain_notifications = true;

  std::string log_level = "info", log_format = "logfmt";

  // Every flag of Prometheus with its value, sorted: for /api/v1/status/flags.
  std::vector<std::pair<std::string, std::string>> all;
  // What the log should say of flags and features that have no effect.
  std::vector<std::string> warnings;
};

// Either flags to run with or a text to print and end with.
struct CommandLine {
  Flags flags;
  std::string text;  // of --help and --version; empty: run
};

// Reads `--flag=value`, `--flag value`, `--flag` and `--no-flag`.
//   InvalidArgument     an unknown flag, a bad value, or anything that is no flag
//   FailedPrecondition  a flag that an agent does not have, or only an agent; in Prometheus's words
absl::StatusOr<CommandLine> ParseFlags(const std::vector<std::string>& arguments);

}  // namespace tidemark::server
