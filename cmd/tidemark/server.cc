#include "cmd/tidemark/server.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_join.h"

#include "base/io/path_pattern.h"
#include "base/log.h"
#include "base/model/duration.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api.h"

namespace tidemark::server {
namespace {

// For notifications at the end: a receiver that answers at all does so within it, and one that is
// gone should not keep the server from ending.
constexpr DurationMs kDrainTime = 2 * kSecond;

size_t NumCores() { return std::max<size_t>(1, std::thread::hardware_concurrency()); }

void LogError(std::string_view message, const absl::Status& status) {
  log::Error(message, {{"err", std::string(status.message())}});
}

promql::EngineOptions EngineOptionsOf(const Flags& flags, const config::Config& config) {
  return {.lookback_delta = flags.lookback_delta,
          .default_subquery_step = config.global.evaluation_interval,
          .max_samples = flags.query_max_samples,
          .max_memory_bytes = flags.query_max_memory_bytes,
          .max_total_memory_bytes = flags.query_max_total_memory_bytes,
          .delayed_name_removal = flags.features.delayed_name_removal};
}

alerting::RuleManagerOptions RuleOptionsOf(const Flags& flags, const std::string& external_url,
                                           promql::QueryLog& query_log) {
  return {.resend_delay = flags.resend_delay,
          .for_outage_tolerance = flags.for_outage_tolerance,
          .for_grace_period = flags.for_grace_period,
          .query_timeout = flags.query_timeout,
          .external_url = external_url,
          .query_log = &query_log};
}

std::vector<remote::FamilyMetadata> KnownMetadata(const scrape::ScrapeManager& scrapes) {
  std::vector<remote::FamilyMetadata> all;
  for (const scrape::ActiveMetadata& target : scrapes.Metadata()) {
    for (scrape::MetricMetadata& m : target.metadata->List()) {
      all.push_back({std::move(m.family), std::move(m.type), std::move(m.help), std::move(m.unit)});
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

std::string ExternalUrl(const std::string& given, const std::string& listen_address) {
  std::string url = given;
  if (url.empty()) {
    char name[256] = "localhost";
    gethostname(name, sizeof(name) - 1);
    const size_t colon = listen_address.rfind(':');
    const std::string port = colon == std::string::npos ? "" : listen_address.substr(colon);
    url = StrCat("http://", std::string_view(name), port);
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

config::Mode ModeOf(const Flags& flags) {
  return flags.is_agent ? config::Mode::kAgent : config::Mode::kServer;
}

Server::Server(Flags flags, config::Configuration configuration, Clock& clock)
    : flags_(std::move(flags)),
      clock_(clock),
      external_url_(ExternalUrl(flags_.external_url, flags_.listen_addresses.front())),
      storage_options_(StorageOptions(configuration.config)),
      reload_successful_(
          metrics_.AddGauge("prometheus_config_last_reload_successful",
                            "1 where the configuration was last read without an error.")),
      reload_success_time_(metrics_.AddGauge(
          "prometheus_config_last_reload_success_timestamp_seconds",
          "When the configuration in force was read, in seconds since the Unix epoch.")),
      query_pool_(NumCores()),
      scrape_pool_(NumCores()),
      rule_pool_(flags_.max_concurrent_evals),
      engine_(EngineOptionsOf(flags_, configuration.config), query_pool_, metrics_),
      notifications_(client_, clock_, metrics_),
      alertmanagers_(notifications_, client_, clock_, metrics_),
      remote_writer_(
          StrCat(flags_.storage_path, "/remote-write"), client_,
          [this] { return KnownMetadata(scrapes_); }, clock_, metrics_),
      scrapes_(db_, client_, scrape_pool_, clock_, metrics_, flags_.scrape),
      rules_(engine_, db_, db_, notifications_, rule_pool_, clock_, metrics_,
             RuleOptionsOf(flags_, external_url_, query_log_)),
      configuration_(std::move(configuration)) {}

Server::~Server() { Stop(); }

tsdb::Options Server::StorageOptions(const config::Config& config) const {
  tsdb::Options options;
  options.path = flags_.storage_path;
  options.retention = config.retention.value_or(flags_.retention);
  options.out_of_order_window = config.out_of_order_window.value_or(options.out_of_order_window);
  options.max_exemplars = flags_.features.exemplar_storage ? config.max_exemplars : 0;
  options.max_bytes = config.retention_bytes.value_or(flags_.retention_bytes);
  options.min_block_range = flags_.min_block_range;
  options.max_block_range = flags_.max_block_range;
  options.block_cache_bytes = flags_.block_cache_bytes;
  options.fsync = flags_.fsync;
  options.fsync_interval = flags_.fsync_interval;
  options.max_held_journal_bytes = flags_.max_held_journal_bytes;
  options.hold_journal = !config.remote_write.empty();
  if (flags_.is_agent) {
    options.forward_only = true;
    options.out_of_order_window = config.out_of_order_window.value_or(0);
  }
  return options;
}

absl::Status Server::Start() {
  RETURN_IF_ERROR(Listen());
  const TimestampMs began = clock_.Now();
  RETURN_IF_ERROR(db_.Open(storage_options_, clock_, metrics_));
  log::Info("TSDB started",
            {{"path", flags_.storage_path},
             {"retention", FormatDuration(storage_options_.retention)},
             {"duration", FormatDuration(std::max<DurationMs>(0, clock_.Now() - began))}});
  OpenActiveQueries();
  scrapes_.ResumeAfter(db_.Feed()->Newest());
  {
    absl::MutexLock lock(&mu_);
    Apply(std::move(configuration_));
  }
  ready_ = true;
  log::Info("Server is ready to receive web requests.");
  return absl::OkStatus();
}

// Once the store is open and with it the directory ours.
void Server::OpenActiveQueries() {
  const auto before = active_queries_.Open(StrCat(flags_.storage_path, "/queries.active"),
                                           flags_.query_max_concurrency);
  if (!before.ok()) return LogError("Running queries cannot be recorded", before.status());
  if (before->empty()) return;
  log::Info("These queries didn't finish in the last run",
            {{"queries", StrCat("[", absl::StrJoin(*before, ","), "]")}});
}

absl::Status Server::Listen() {
  const http::ApiContext context{
      .db = db_,
      .engine = engine_,
      .scrapes = scrapes_,
      .rules = rules_,
      .notifications = notifications_,
      .metrics = metrics_,
      .clock = clock_,
      .query_log = query_log_,
      .active_queries = active_queries_,
      .reload = [this] { return Reload(); },
      .quit = [this] { RequestStop(); },
      .config_yaml = [this] { return ConfigYaml(); },
      .external_labels = [this] { return ExternalLabels(); },
      .otlp = [this] { return Otlp(); },
      .flags = flags_.all,
      .ready = ready_,
      .parser = flags_.features.parser,
      .lookback_delta = flags_.lookback_delta,
      .query_timeout = flags_.query_timeout,
      .query_max_concurrency = flags_.query_max_concurrency,
      .external_url = external_url_,
      .retention = storage_options_.retention,
      .enable_lifecycle = flags_.enable_lifecycle,
      .enable_admin_api = flags_.enable_admin_api,
      .enable_remote_write_receiver = flags_.enable_remote_write_receiver,
      .accepted_write_messages = flags_.accepted_write_messages,
      .remote_read = flags_.remote_read,
      .enable_otlp_receiver = flags_.enable_otlp_receiver,
      .otlp_deltas = flags_.features.otlp_adds_deltas_up  ? http::OtlpDeltas::kAccumulate
                     : flags_.features.otlp_stores_deltas ? http::OtlpDeltas::kStore
                                                          : http::OtlpDeltas::kRefuse,
      .is_agent = flags_.is_agent,
  };
  for (const std::string& address : flags_.listen_addresses) {
    http::HttpServerOptions options;
    options.listen_address = address;
    options.max_connections = flags_.max_connections;
    options.cors_origin = flags_.cors_origin;
    auto server = std::make_unique<http::HttpServer>(options);
    http::AddRoutes(context, *server);
    RETURN_IF_ERROR(server->Start());
    const std::string host = address.substr(0, address.rfind(':'));  // the port may be any
    log::Info("Listening on", {{"address", StrCat(host, ":", server->port())}});
    http_servers_.push_back(std::move(server));
  }
  return absl::OkStatus();
}

int Server::port() const { return http_servers_.front()->port(); }

std::string Server::ConfigYaml() const {
  absl::MutexLock lock(&mu_);
  return configuration_.config.yaml;
}

LabelSet Server::ExternalLabels() const {
  absl::MutexLock lock(&mu_);
  return configuration_.config.global.external_labels;
}

http::OtlpOptions Server::Otlp() const {
  absl::MutexLock lock(&mu_);
  return configuration_.config.otlp;
}

void Server::Apply(config::Configuration configuration) {
  const config::Config& config = configuration.config;
  for (const std::string& pattern : config.rule_patterns) {
    if (ExpandPattern(pattern).empty()) {
      log::Warn("no rule file matches", {{"pattern", pattern}});
    }
  }
  const tsdb::Options wanted = StorageOptions(config);
  if (wanted.retention != storage_options_.retention ||
      wanted.max_bytes != storage_options_.max_bytes ||
      wanted.out_of_order_window != storage_options_.out_of_order_window) {
    log::Warn("changed storage settings take effect at the next start");
  }
  db_.ResizeExemplars(wanted.max_exemplars);
  alerting::NotifierConfig notifier = config.notifier;
  notifier.external_url = external_url_;
  notifier.queue_capacity = flags_.notification_queue_capacity;
  notifier.max_batch = flags_.notification_batch_size;
  alertmanagers_.Apply(std::move(notifier), config.alertmanagers);
  if (const absl::Status status = query_log_.Open(config.global.query_log_file); !status.ok()) {
    LogError("The query log stays as it was", status);
  }
  // Before anything is appended: what the queues hold must still be there.
  if (const absl::Status status = remote_writer_.ApplyConfig(
          config.remote_write, config.global.external_labels, *db_.Feed(), flags_.flush_deadline);
      !status.ok()) {
    LogError("Remote write does not run", status);
  }
  db_.Feed()->Release(tsdb::kStartupReader);
  std::vector<scrape::ScrapeConfig> scrapes = config.scrape_configs;
  for (scrape::ScrapeConfig& scrape : scrapes) {
    scrape.formats.created_zero_samples = flags_.features.created_zero_samples;
  }
  scrapes_.ApplyConfigs(std::move(scrapes), config.global.external_labels);
  rules_.ApplyConfig(configuration.rules);
  configuration_ = std::move(configuration);
  reload_successful_.Set(1);
  reload_success_time_.Set(static_cast<double>(clock_.Now()) / kSecond);
  log::Info("Completed loading of configuration file", {{"filename", flags_.config_file}});
}

absl::Status Server::Reload() {
  absl::MutexLock lock(&mu_);
  if (!ready_) {
    const absl::Status status = absl::UnavailableError("the server is starting or stopping");
    LogError("Configuration not reloaded", status);
    return status;
  }
  log::Info("Loading configuration file", {{"filename", flags_.config_file}});
  absl::StatusOr<config::Configuration> loaded =
      config::LoadConfiguration(flags_.config_file, flags_.features.parser, ModeOf(flags_));
  if (!loaded.ok()) {
    reload_successful_.Set(0);
    LogError("Error reloading config, the one before stays", loaded.status());
    return loaded.status();
  }
  Apply(*std::move(loaded));
  return absl::OkStatus();
}

void Server::RequestStop() {
  if (!stop_asked_.exchange(true)) stop_requested_.Notify();
}

void Server::WaitForStopRequest() { stop_requested_.WaitForNotification(); }

void Server::Stop() {
  {
    absl::MutexLock lock(&mu_);  // no reload from here on
    ready_ = false;
  }
  scrapes_.Stop();
  rules_.Stop();
  alertmanagers_.Stop();
  notifications_.Stop(flags_.drain_notifications ? kDrainTime : 0);
  for (const auto& server : http_servers_) server->Stop();
  remote_writer_.Stop(flags_.flush_deadline);
  if (const absl::Status status = db_.Close(); !status.ok()) LogError("Closing the store", status);
}

}  // namespace tidemark::server
