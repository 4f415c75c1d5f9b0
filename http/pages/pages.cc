#include "http/pages/pages.h"

#include "http/api_v1/build_info_json.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kLandingPage = R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Tidemark</title></head>
<body>
<h1>Tidemark</h1>
<p>A time series database that does the work of a Prometheus server. It has no pages of its own
yet; point Grafana or any client of Prometheus's HTTP API at this address.</p>
<form action="api/v1/query">
<p><input name="query" value="up" size="80" aria-label="PromQL query"> <button>Query</button></p>
</form>
<ul>
<li><a href="api/v1/targets">Targets</a>: what is scraped, and how that goes</li>
<li><a href="api/v1/rules">Rules</a> and <a href="api/v1/alerts">alerts</a></li>
<li><a href="api/v1/label/__name__/values">Metric names</a></li>
<li><a href="api/v1/status/tsdb">Figures of the database</a></li>
<li><a href="api/v1/status/config">Configuration</a> and <a href="api/v1/status/flags">flags</a></li>
<li><a href="metrics">Metrics of this server</a></li>
</ul>
</body>
</html>
)";

}  // namespace

Handler LandingPage() {
  return [](const Request&) {
    Response response = Response::Text(200, std::string(kLandingPage));
    response.content_type = "text/html; charset=utf-8";
    return response;
  };
}

Handler MetricsPage(const MetricRegistry& metrics) {
  return [&metrics](const Request&) {
    Response response = Response::Text(200, metrics.Expose());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  };
}

Handler VersionPage() {
  return [](const Request&) {
    Response response;
    response.content_type = "application/json";
    JsonWriter json(&response.body);
    WriteBuildInfo(json);
    response.body.push_back('\n');
    return response;
  };
}

}  // namespace tidemark::http
