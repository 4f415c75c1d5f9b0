#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "alerting/notifier.h"
#include "alerting/rule_manager.h"
#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "base/run/clock.h"
#include "http/active_queries.h"
#include "http/http_server.h"
#include "http/otlp_options.h"
#include "http/remote_read_options.h"
#include "http/remote_write_messages.h"
#include "promql/engine.h"
#include "promql/query_log.h"
#include "scrape/scrape_manager.h"
#include "tsdb/db.h"

namespace tidemark::http {

// What the handlers work on. All of it outlives the server.
struct ApiContext {
  tsdb::Db& db;
  promql::Engine& engine;
  scrape::ScrapeManager& scrapes;
  alerting::RuleManager& rules;
  alerting::NotificationSender& notifications;
  MetricRegistry& metrics;
  Clock& clock;
  promql::QueryLog& query_log;
  ActiveQueries& active_queries;

  std::function<absl::Status()> reload;       // reads the configuration again
  std::function<void()> quit;                 // begins an orderly stop
  std::function<std::string()> config_yaml;   // the configuration in force
  std::function<LabelSet()> external_labels;  // its external labels
  std::function<OtlpOptions()> otlp;          // and its section of that name
  std::vector<std::pair<std::string, std::string>>
      flags;                       // name and value, for /api/v1/status/flags
  const std::atomic<bool>& ready;  // false until everything runs and while stopping

  promql::ParserOptions parser;
  DurationMs lookback_delta = 5 * kMinute, query_timeout = 2 * kMinute;
  size_t query_max_concurrency = 20;
  std::string external_url;
  DurationMs retention = 0;
  bool enable_lifecycle = false, enable_admin_api = false, enable_remote_write_receiver = false;
  std::vector<std::string> accepted_write_messages = AllWriteMessages();
  RemoteReadOptions remote_read;
  bool enable_otlp_receiver = false;
  OtlpDeltas otlp_deltas = OtlpDeltas::kRefuse;
  bool is_agent = false;  // stores nothing that could be asked for
};

// Adds every route of Prometheus's HTTP API that Tidemark has.
void AddRoutes(const ApiContext& context, HttpServer& server);

}  // namespace tidemark::http
