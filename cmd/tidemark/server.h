#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#include "alerting/notifier.h"
#include "alerting/rule_manager.h"
#include "base/metrics.h"
#include "base/net/http_client.h"
#include "base/run/clock.h"
#include "base/run/thread_pool.h"
#include "cmd/config/configuration.h"
#include "cmd/tidemark/alertmanager_discovery.h"
#include "cmd/tidemark/deferred_db.h"
#include "cmd/tidemark/flags.h"
#include "http/active_queries.h"
#include "http/http_server.h"
#include "promql/engine.h"
#include "promql/query_log.h"
#include "remote/remote_writer.h"
#include "scrape/scrape_manager.h"

namespace tidemark::server {

// The whole server: owns every module and connects them. Thread-safe.
class Server {
 public:
  // Makes everything and starts nothing. `configuration` is that of `flags.config_file`; `clock`
  // outlives the server.
  Server(Flags flags, config::Configuration configuration, Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens, opens the store, then scrapes and evaluates. While the store replays its journal the
  // API answers 503. Errors are those of HttpServer::Start and tsdb::Db::Open.
  absl::Status Start();

  // Reads the configuration again and applies it, or on any error keeps what was.
  absl::Status Reload() ABSL_LOCKS_EXCLUDED(mu_);

  // Asks for the end: what WaitForStopRequest waits for. Any number of times.
  void RequestStop();
  void WaitForStopRequest();
  // Ends everything in order: scrapes, rules, notifications, requests, remote write, the store.
  // Idempotent.
  void Stop();

  int port() const;  // the first address's, after Start

 private:
  absl::Status Listen();
  void OpenActiveQueries();
  void Apply(config::Configuration configuration) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  tsdb::Options StorageOptions(const config::Config& config) const;
  std::string ConfigYaml() const ABSL_LOCKS_EXCLUDED(mu_);
  http::OtlpOptions Otlp() const ABSL_LOCKS_EXCLUDED(mu_);
  LabelSet ExternalLabels() const ABSL_LOCKS_EXCLUDED(mu_);

  const Flags flags_;
  Clock& clock_;
  const std::string external_url_;
  const tsdb::Options storage_options_;  // changes of them in the file wait for a restart

  MetricRegistry metrics_;
  Gauge& reload_successful_;
  Gauge& reload_success_time_;
  std::atomic<bool> ready_{false};
  absl::Notification stop_requested_;

  // Each uses those above it and is destroyed before them.
  ThreadPool query_pool_, scrape_pool_, rule_pool_;
  HttpClient client_;
  DeferredDb db_;
  promql::Engine engine_;
  promql::QueryLog query_log_;
  http::ActiveQueries active_queries_;
  alerting::NotificationSender notifications_;
  AlertmanagerDiscovery alertmanagers_;
  remote::RemoteWriter remote_writer_;
  scrape::ScrapeManager scrapes_;
  alerting::RuleManager rules_;
  std::vector<std::unique_ptr<http::HttpServer>> http_servers_;

  mutable absl::Mutex mu_;                                    // one reload at a time
  config::Configuration configuration_ ABSL_GUARDED_BY(mu_);  // in force, or to be at Start
  std::atomic<bool> stop_asked_{false};
};

config::Mode ModeOf(const Flags& flags);

// The URL that links in alerts begin with, without a slash at the end: `given`, or this host's name
// and the port of `listen_address`.
std::string ExternalUrl(const std::string& given, const std::string& listen_address);

}  // namespace tidemark::server
