#include "cmd/tidemark/flags.h"

#include <algorithm>
#include <span>

#include "base/build_info.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "cmd/config/feature_flags.h"
#include "cmd/tidemark/flag_set.h"

namespace tidemark::server {
namespace {

void AddWebFlags(FlagSet& set, Flags& flags) {
  set.Add("web.listen-address", &flags.listen_addresses,
          "Host and port to serve on; may be given several times.");
  set.Add("web.max-connections", &flags.max_connections,
          "How many clients may be connected at once.");
  set.Add("web.external-url", &flags.external_url,
          "The URL under which the server is externally reachable, for links in alerts.");
  set.Add("web.cors.origin", &flags.cors_origin,
          "Origins that browsers may call the API from, a regular expression of the whole origin.");
  set.Add("web.enable-lifecycle", &flags.enable_lifecycle, "Serve /-/reload and /-/quit.");
  set.Add("web.enable-admin-api", &flags.enable_admin_api, "Serve the API's admin endpoints.");
  set.Add("web.enable-remote-write-receiver", &flags.enable_remote_write_receiver,
          "Take remote write at /api/v1/write.");
  set.Add("web.enable-otlp-receiver", &flags.enable_otlp_receiver,
          "Take metrics of OpenTelemetry at /api/v1/otlp/v1/metrics.");
  set.Add("web.remote-write-receiver.accepted-protobuf-messages", &flags.accepted_write_messages,
          "A message that remote write may bring, prometheus.WriteRequest (1.0) or "
          "io.prometheus.write.v2.Request (2.0); may be given several times.");
}

void AddStorageFlags(FlagSet& set, Flags& flags, std::string& fsync) {
  set.Add("storage.tsdb.path", &flags.storage_path, "The data directory.");
  set.AddDuration("storage.tsdb.retention.time", &flags.retention,
                  "How long to retain samples, 0 for ever. The configuration file wins.");
  set.AddBytes("storage.tsdb.retention.size", &flags.retention_bytes,
               "How many bytes to store at most, 0 for any number; the oldest blocks go first. The "
               "configuration file wins.");
  set.AddDuration("storage.tsdb.min-block-duration", &flags.min_block_range,
                  "The time range of a block before it is merged with others. For tests.");
  set.AddDuration(
      "storage.tsdb.max-block-duration", &flags.max_block_range,
      "The time range that merged blocks may reach; 0 is a tenth of the retention time, "
      "at most 31 days.");
  set.AddBytes("storage.tsdb.block-cache-size", &flags.block_cache_bytes,
               "How much memory may keep decompressed parts of blocks. Tidemark's own.");
  set.AddChoice("storage.tsdb.journal-fsync", &fsync, {"batch", "interval", "never"},
                "How often the journal is fsynced: with every batch, on an interval, never. "
                "Tidemark's own.");
  set.AddDuration("storage.tsdb.journal-fsync-interval", &flags.fsync_interval,
                  "The interval of journal fsyncs. Tidemark's own.");
}

void AddRemoteReadFlags(FlagSet& set, http::RemoteReadOptions& options) {
  set.Add("storage.remote.read-sample-limit", &options.sample_limit,
          "How many samples a query of remote read may give, 0 for any number; those that are "
          "streamed as chunks do not count.");
  set.Add("storage.remote.read-concurrent-limit", &options.concurrent_limit,
          "How many remote reads may run at once, 0 for any number; others wait.");
  set.Add("storage.remote.read-max-bytes-in-frame", &options.max_bytes_in_frame,
          "The size from which a frame of streamed remote read is sent; clients may have a limit "
          "too.");
}

void AddRemoteWriteFlags(FlagSet& set, Flags& flags) {
  set.AddDuration("storage.remote.flush-deadline", &flags.flush_deadline,
                  "How long remote write may go on sending when the server ends or is reloaded.");
  set.AddBytes("storage.remote.journal-limit", &flags.max_held_journal_bytes,
               "How large the journal may grow for remote write that cannot send; past it the "
               "oldest samples go unsent. Tidemark's own.");
}

void AddQueryFlags(FlagSet& set, Flags& flags) {
  set.AddDuration("query.lookback-delta", &flags.lookback_delta,
                  "How far an instant selector looks back for a sample.");
  set.AddDuration("query.timeout", &flags.query_timeout, "How long a query may run.");
  set.Add("query.max-concurrency", &flags.query_max_concurrency,
          "How many queries may run at once; others wait.");
  set.Add("query.max-samples", &flags.query_max_samples,
          "How many samples one query may hold in memory.");
  set.AddBytes("query.max-memory-bytes", &flags.query_max_memory_bytes,
               "How much memory one query may hold. Tidemark's own.");
  set.AddBytes("query.max-total-memory-bytes", &flags.query_max_total_memory_bytes,
               "How much memory all queries together may hold. Tidemark's own.");
}

void AddScrapeFlags(FlagSet& set, Flags& flags) {
  set.AddDuration("scrape.discovery-reload-interval", &flags.scrape.discovery_reload_interval,
                  "How often at most what discovery finds changes the targets.");
  set.Add("scrape.adjust-timestamps", &flags.scrape.adjust_timestamps,
          "Give samples the time that their scrape was meant for.");
  set.AddDuration("scrape.timestamp-tolerance", &flags.scrape.timestamp_tolerance,
                  "By how much at most; never more than a hundredth of the interval.");
}

void AddAlertingFlags(FlagSet& set, Flags& flags) {
  set.AddDuration("rules.alert.for-outage-tolerance", &flags.for_outage_tolerance,
                  "How old the state of an alert may be to be taken up again after a restart.");
  set.AddDuration("rules.alert.for-grace-period", &flags.for_grace_period,
                  "How long a restored alert waits at least before it fires.");
  set.AddDuration("rules.alert.resend-delay", &flags.resend_delay,
                  "How often an alert that goes on firing is sent again.");
  set.Add("rules.max-concurrent-evals", &flags.max_concurrent_evals,
          "How many rule groups are evaluated side by side.");
  set.Add("alertmanager.notification-queue-capacity", &flags.notification_queue_capacity,
          "How many alerts may wait for each receiver; the oldest go first.");
  set.Add("alertmanager.notification-batch-size", &flags.notification_batch_size,
          "How many alerts one message may carry.");
  set.Add("alertmanager.drain-notification-queue-on-shutdown", &flags.drain_notifications,
          "Try to send what waits before the server ends.");
}

// What Prometheus has and Tidemark does without, or has not yet: a start script that sets one goes
// on working and is told.
void AddIgnoredFlags(FlagSet& set) {
  constexpr std::pair<std::string_view, std::string_view> kValues[] = {
      {"config.auto-reload-interval", "30s"},
      {"auto-gomemlimit.ratio", "0.9"},
      {"auto-gomemlimit.refresh-interval", "0s"},
      {"web.config.file", ""},
      {"web.read-timeout", "5m"},
      {"web.max-notifications-subscribers", "16"},
      {"web.route-prefix", ""},
      {"web.user-assets", ""},
      {"web.local-assets", ""},
      {"web.console.templates", "consoles"},
      {"web.console.libraries", "console_libraries"},
      {"web.page-title", "Tidemark"},
      {"web.search.max-limit", "10000"},
      {"storage.tsdb.head-chunks-write-queue-size", "0"},
      {"storage.tsdb.delay-compact-file.path", ""},
      {"storage.tsdb.max-block-chunk-segment-size", ""},
      {"storage.tsdb.wal-segment-size", ""},
      {"storage.tsdb.wal-compression-type", "snappy"},
      {"storage.tsdb.samples-per-chunk", "120"},
      {"storage.tsdb.block-reload-interval", "1m"},
      {"storage.tsdb.delayed-compaction.max-percent", "10"},
      {"storage.agent.retention.min-time", "5m"},
      {"storage.agent.retention.max-time", "4h"},
      {"storage.agent.checkpoint-batch-size", "1000"},
      {"storage.agent.wal-segment-size", ""},
      {"storage.agent.wal-truncate-frequency", "2h"},
      {"storage.agent.wal-compression-type", "snappy"},
  };
  for (const auto& [name, value] : kValues) set.AddIgnored(name, value);
  constexpr std::pair<std::string_view, bool> kBools[] = {
      {"config.auto-reload", false},
      {"auto-gomaxprocs", true},
      {"auto-gomemlimit", true},
      {"storage.tsdb.no-lockfile", false},
      {"storage.tsdb.wal-compression", true},
      {"storage.tsdb.allow-overlapping-compaction", true},
      {"storage.agent.wal-compression", true},
      {"storage.agent.no-lockfile", false},
      {"storage.agent.checkpoint-from-in-memory-series", false},
  };
  for (const auto& [name, value] : kBools) set.AddIgnoredBool(name, value);
}

absl::Status CheckWriteMessages(const std::vector<std::string>& messages) {
  const std::vector<std::string> known = http::AllWriteMessages();
  for (const std::string& message : messages) {
    if (std::find(known.begin(), known.end(), message) != known.end()) continue;
    return absl::InvalidArgumentError(
        StrCat("--web.remote-write-receiver.accepted-protobuf-messages: unknown remote write "
               "protobuf message ",
               message, ", supported: ", http::kWriteMessageV1, ", ", http::kWriteMessageV2));
  }
  return absl::OkStatus();
}

absl::Status Check(const Flags& flags) {
  if (flags.listen_addresses.empty()) return absl::InvalidArgumentError("no --web.listen-address");
  if (flags.query_max_concurrency == 0 || flags.max_concurrent_evals == 0 ||
      flags.max_connections == 0) {
    return absl::InvalidArgumentError(
        "--query.max-concurrency, --rules.max-concurrent-evals and --web.max-connections must be "
        "greater than zero");
  }
  if (flags.lookback_delta <= 0 || flags.query_timeout <= 0) {
    return absl::InvalidArgumentError(
        "--query.lookback-delta and --query.timeout must be greater than zero");
  }
  if (flags.min_block_range <= 0 ||
      (flags.max_block_range > 0 && flags.max_block_range < flags.min_block_range)) {
    return absl::InvalidArgumentError(
        "--storage.tsdb.min-block-duration must be greater than zero and not above "
        "--storage.tsdb.max-block-duration");
  }
  if (flags.features.otlp_adds_deltas_up && flags.features.otlp_stores_deltas) {
    return absl::InvalidArgumentError(
        "cannot enable otlp-deltatocumulative and otlp-native-delta-ingestion features at the same "
        "time");
  }
  return CheckWriteMessages(flags.accepted_write_messages);
}

// As Go's %q of a list.
std::string QuotedList(const std::vector<std::string>& names) {
  std::string list = "[";
  for (const std::string& name : names) {
    StrAppend(&list, list.size() > 1 ? " " : "", "\"--", name, "\"");
  }
  return list + "]";
}

// Flags that say something about what the other mode does are mistakes.
absl::Status CheckMode(const FlagSet& set, bool is_agent) {
  constexpr std::string_view kServerOnly[] = {"storage.tsdb.", "storage.remote.read-", "rules.",
                                              "alertmanager.", "query."};
  constexpr std::string_view kBoth[] = {"storage.tsdb.journal-"};  // Tidemark's own
  const auto has_prefix = [](std::string_view name, std::span<const std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [name](std::string_view prefix) { return name.starts_with(prefix); });
  };
  std::vector<std::string> wrong;
  for (const auto& [name, value] : set.Values()) {
    if (!set.Given(name) || has_prefix(name, kBoth)) continue;
    const bool of_other_mode =
        is_agent ? has_prefix(name, kServerOnly) : name.starts_with("storage.agent.");
    if (of_other_mode) wrong.push_back(name);
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat(is_agent ? "The following flag(s) can not be used in agent mode: "
                      : "The following flag(s) can only be used in agent mode: ",
             QuotedList(wrong)));
}

std::string VersionText() {
  const BuildInfo& build = GetBuildInfo();
  return StrCat("tidemark, version ", build.version, " (branch: ", build.branch,
                ", revision: ", build.revision, ")\n  build date: ", build.build_date,
                "\n  compiler:   ", build.compiler, "\n");
}

tsdb::FsyncPolicy FsyncPolicyNamed(std::string_view name) {
  if (name == "batch") return tsdb::FsyncPolicy::kEveryBatch;
  return name == "never" ? tsdb::FsyncPolicy::kNever : tsdb::FsyncPolicy::kInterval;
}

}  // namespace

absl::StatusOr<CommandLine> ParseFlags(const std::vector<std::string>& arguments) {
  CommandLine line;
  Flags& flags = line.flags;
  std::string fsync = "interval", agent_path = "data-agent/";
  std::vector<std::string> features;

  FlagSet set("The Tidemark server: scrapes, stores, answers PromQL, evaluates rules, notifies.");
  set.AddVersion();
  set.Add("config.file", &flags.config_file, "Configuration file path.");
  set.Add("agent", &flags.is_agent,
          "Run as an agent: scrape and send on, store and answer nothing.");
  set.Add("storage.agent.path", &agent_path, "The data directory of an agent.");
  AddWebFlags(set, flags);
  AddStorageFlags(set, flags, fsync);
  AddRemoteReadFlags(set, flags.remote_read);
  AddRemoteWriteFlags(set, flags);
  AddQueryFlags(set, flags);
  AddScrapeFlags(set, flags);
  AddAlertingFlags(set, flags);
  set.Add("enable-feature", &features, "Comma separated feature names to enable.");
  set.AddChoice("log.level", &flags.log_level, {"debug", "info", "warn", "error"},
                "Only log messages with the given severity or above.");
  set.AddChoice("log.format", &flags.log_format, {"logfmt", "json"},
                "Output format of log messages.");
  AddIgnoredFlags(set);
  RETURN_IF_ERROR(set.Parse(arguments));

  if (set.help_asked()) line.text = set.HelpText();
  if (set.version_asked()) line.text = VersionText();
  RETURN_IF_ERROR(Check(flags));
  RETURN_IF_ERROR(CheckMode(set, flags.is_agent));
  if (flags.is_agent) flags.storage_path = agent_path;
  flags.fsync = FsyncPolicyNamed(fsync);
  flags.remote_read.max_answer_bytes = flags.query_max_memory_bytes;
  flags.retention_given = set.Given("storage.tsdb.retention.time");
  flags.all = set.Values();
  for (const std::string& name : set.IgnoredGiven()) {
    flags.warnings.push_back(StrCat("--", name, " has no effect in Tidemark"));
  }
  for (const std::string& names : features) {
    config::EnableFeatures(names, &flags.features, &flags.warnings);
  }
  flags.scrape.extra_metrics = flags.features.extra_scrape_metrics;
  return line;
}

}  // namespace tidemark::server
