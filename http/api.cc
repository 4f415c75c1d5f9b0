#include "http/api.h"

#include <memory>
#include <span>
#include <string>

#include "base/build_info.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/query_gate.h"
#include "http/federate/federate.h"
#include "http/instrumentation.h"
#include "http/otlp/otlp_receiver.h"
#include "http/pages/pages.h"
#include "http/remote/remote_read.h"
#include "http/remote/remote_write.h"

namespace tidemark::http {
namespace {

using Methods = std::span<const std::string_view>;
constexpr std::string_view kGet[] = {"GET"}, kPost[] = {"POST"}, kGetPost[] = {"GET", "POST"},
                           kPostPut[] = {"POST", "PUT"};

absl::Status NotInAgent(const Request&, ApiAnswer&) {
  return absl::FailedPreconditionError("unavailable with Prometheus Agent");
}

// Adds routes, each instrumented under its path, or under `name` where one is given.
class RouteAdder {
 public:
  RouteAdder(const ApiContext& context, HttpServer& server) : context_(context), server_(server) {}

  void Page(Methods methods, const std::string& path, Handler handler,
            const std::string& name = {}) {
    handler = Instrumented(name.empty() ? path : name, std::move(handler), context_.metrics);
    for (const std::string_view method : methods) server_.Route(method, path, handler);
  }
  // Below /api/v1/, and only while the server is ready.
  // What an agent has not.
  void ServerApi(Methods methods, const std::string& path, ApiFunction function,
                 const std::string& name = {}) {
    Api(methods, path, context_.is_agent ? NotInAgent : std::move(function), name);
  }
  void Api(Methods methods, const std::string& path, ApiFunction function,
           const std::string& name = {}) {
    Page(methods, kApi + path, WhenReady(context_.ready, ApiHandler(std::move(function))),
         kApi + (name.empty() ? path : name));
  }

 private:
  const std::string kApi = "/api/v1/";
  const ApiContext& context_;
  HttpServer& server_;
};

void AddQueries(const ApiContext& context, RouteAdder& routes) {
  const QueryContext queries = {
      .store = context.db,
      .engine = context.engine,
      .clock = context.clock,
      .gate = std::make_shared<QueryGate>(context.query_max_concurrency, context.metrics),
      .log = context.query_log,
      .active = context.active_queries,
      .parser = context.parser,
      .timeout = context.query_timeout};
  routes.ServerApi(kGetPost, "query", QueryHandler(queries));
  routes.ServerApi(kGetPost, "query_range", QueryRangeHandler(queries));
  routes.ServerApi(kGetPost, "query_exemplars", QueryExemplarsHandler(context.db, context.parser));
  routes.ServerApi(kGetPost, "format_query", FormatQueryHandler(context.parser));
  routes.ServerApi(kGetPost, "parse_query", ParseQueryHandler(context.parser));
  routes.ServerApi(kGetPost, "series", SeriesHandler(context.db));
  routes.ServerApi(kGetPost, "labels", LabelsHandler(context.db));
  routes.ServerApi(kGet, "label/*/values", LabelValuesHandler(context.db), "label/:name/values");
}

void AddScrapingAndAlerting(const ApiContext& context, RouteAdder& routes) {
  const auto targets = [&scrapes = context.scrapes] {
    return TargetLists{scrapes.ActiveTargets(), scrapes.DroppedTargets(),
                       scrapes.DroppedTargetCounts()};
  };
  routes.Api(kGet, "targets", TargetsHandler(targets, context.external_url));
  const auto metadata = [&scrapes = context.scrapes] { return scrapes.Metadata(); };
  routes.Api(kGet, "metadata", MetadataHandler(metadata));
  routes.Api(kGet, "targets/metadata", TargetMetadataHandler(metadata));
  routes.Api(kGet, "scrape_pools", ScrapePoolsHandler(targets));
  const auto groups = [&rules = context.rules] { return rules.Groups(); };
  routes.ServerApi(kGet, "rules", RulesHandler(groups));
  routes.ServerApi(kGet, "alerts", AlertsHandler(groups));
  routes.ServerApi(kGet, "alertmanagers", AlertmanagersHandler([&sender = context.notifications] {
                     return sender.AlertmanagerUrls();
                   }));
}

void AddStatus(const ApiContext& context, RouteAdder& routes) {
  routes.Api(kGet, "status/buildinfo", BuildInfoHandler());
  routes.Api(kGet, "status/runtimeinfo",
             RuntimeInfoHandler(context.clock, context.metrics, context.retention));
  routes.Api(kGet, "status/flags", FlagsHandler(context.flags));
  routes.Api(kGet, "status/config", ConfigHandler(context.config_yaml));
  routes.ServerApi(kGet, "status/tsdb",
                   TsdbStatusHandler([&db = context.db] { return db.Stats(); },
                                     [&db = context.db] { return db.LabelPairs(); }));
  // Asked for by who waits for the server to become ready.
  routes.Page(kGet, "/api/v1/status/walreplay", ApiHandler(WalReplayHandler()));
}

void AddAdmin(const ApiContext& context, RouteAdder& routes) {
  const bool enabled = context.enable_admin_api;
  routes.ServerApi(kPostPut, "admin/tsdb/delete_series", DeleteSeriesHandler(enabled, context.db));
  routes.ServerApi(kPostPut, "admin/tsdb/clean_tombstones",
                   CleanTombstonesHandler(enabled, context.db));
  routes.ServerApi(kPostPut, "admin/tsdb/snapshot", SnapshotHandler(enabled, context.db));
}

void AddPages(const ApiContext& context, RouteAdder& routes) {
  routes.Page(kGet, "/", LandingPage());
  const FederateContext federate = {.store = context.db,
                                    .clock = context.clock,
                                    .lookback_delta = context.lookback_delta,
                                    .external_labels = context.external_labels};
  Handler federation =
      context.is_agent ? ApiHandler(NotInAgent) : FederateHandler(federate, context.metrics);
  routes.Page(kGet, "/federate", WhenReady(context.ready, std::move(federation)));
  routes.Page(kGet, "/metrics", MetricsPage(context.metrics));
  routes.Page(kGet, "/version", VersionPage());
  routes.Page(kGet, "/-/healthy", HealthyProbe());
  routes.Page(kGet, "/-/ready", ReadyProbe(context.ready));
  routes.Page(kPostPut, "/-/reload", ReloadHandler(context.enable_lifecycle, context.reload));
  routes.Page(kGet, "/-/reload", WrongLifecycleMethod());
  routes.Page(kPostPut, "/-/quit", QuitHandler(context.enable_lifecycle, context.quit));
  routes.Page(kGet, "/-/quit", WrongLifecycleMethod());
}

void AddRemote(const ApiContext& context, RouteAdder& routes) {
  const RemoteWriteOptions write = {.enabled = context.enable_remote_write_receiver,
                                    .accepted_messages = context.accepted_write_messages};
  routes.Page(kPost, "/api/v1/write",
              WhenReady(context.ready, RemoteWriteHandler(write, context.db, context.metrics)));
  const OtlpContext otlp = {.enabled = context.enable_otlp_receiver,
                            .options = context.otlp,
                            .external_labels = context.external_labels,
                            .deltas = context.otlp_deltas,
                            .lookback_delta = context.lookback_delta,
                            .clock = context.clock};
  routes.Page(kPost, "/api/v1/otlp/v1/metrics",
              WhenReady(context.ready, OtlpHandler(otlp, context.db, context.metrics)));
  Handler read = context.is_agent ? ApiHandler(NotInAgent)
                                  : RemoteReadHandler(context.remote_read, context.db,
                                                      context.external_labels, context.metrics);
  routes.Page(kPost, "/api/v1/read", WhenReady(context.ready, std::move(read)));
}

void AddBuildMetrics(const ApiContext& context) {
  const BuildInfo& info = GetBuildInfo();
  context.metrics
      .AddGauge("prometheus_build_info", "Always 1; the labels say what the server was built from.",
                {{"version", std::string(info.version)},
                 {"revision", std::string(info.revision)},
                 {"branch", std::string(info.branch)}})
      .Set(1);
  context.metrics.AddGaugeCallback("prometheus_ready",
                                   "1 once everything runs and until the server begins to stop.",
                                   [&ready = context.ready] { return ready ? 1.0 : 0.0; });
}

}  // namespace

void AddRoutes(const ApiContext& context, HttpServer& server) {
  RouteAdder routes(context, server);
  AddQueries(context, routes);
  AddScrapingAndAlerting(context, routes);
  AddStatus(context, routes);
  AddAdmin(context, routes);
  AddPages(context, routes);
  AddRemote(context, routes);
  AddBuildMetrics(context);
}

}  // namespace tidemark::http
