#include "scrape/discovery/http_discovery.h"

#include <algorithm>
#include <cctype>

#include "base/model/float_format.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/discovery/refresh_loop.h"
#include "scrape/discovery/target_group_reader.h"
#include "scrape/loop/scrape_request.h"

namespace tidemark::scrape {
namespace {

// More than any list of targets has.
constexpr size_t kMaxBodyBytes = 256 << 20;
constexpr std::string_view kUrlLabel = "__meta_url";

// application/json, alone or with a charset that says UTF-8.
bool IsJson(std::string_view content_type) {
  std::string text;
  for (const unsigned char c : content_type) text.push_back(static_cast<char>(std::tolower(c)));
  constexpr std::string_view kType = "application/json";
  if (!text.starts_with(kType)) return false;
  std::string_view rest = std::string_view(text).substr(kType.size());
  if (rest.empty()) return true;
  if (!rest.starts_with(';')) return false;
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t", 1)));
  return rest == "charset=utf-8" || rest == "charset=\"utf-8\"";
}

absl::StatusOr<std::vector<TargetGroup>> ReadResponse(const absl::StatusOr<HttpResponse>& answer) {
  ASSIGN_OR_RETURN(const HttpResponse response, CheckResponse(answer));
  const std::string_view type = response.Header("content-type");
  if (!IsJson(type)) {
    return absl::InvalidArgumentError(StrCat("unsupported content type \"", type, "\""));
  }
  return ReadTargetGroupsJson(response.body);
}

absl::Status CheckUrl(const YamlNode& node, const std::string& url) {
  if (url.empty()) return node.Error("URL is missing");
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return node.Error("URL scheme must be 'http' or 'https'");
  }
  const absl::StatusOr<Url> parsed = Url::Parse(url);
  return parsed.ok() ? absl::OkStatus() : node.Error(ToStd(parsed.status().message()));
}

}  // namespace

absl::StatusOr<HttpDiscovery> HttpDiscovery::Read(const YamlNode& node,
                                                  const DiscoveryReaders& readers) {
  HttpDiscovery config;
  YamlFields fields(node);
  fields.Read("url", &config.url).ReadDuration("refresh_interval", &config.refresh_interval);
  RETURN_IF_ERROR(fields.status());
  RETURN_IF_ERROR(readers.http_client(fields, &config.http));
  RETURN_IF_ERROR(fields.Finish());
  RETURN_IF_ERROR(CheckUrl(node, config.url));
  if (config.refresh_interval <= 0) return node.Error("refresh_interval must be greater than zero");
  return config;
}

void HttpDiscovery::Run(DiscoveryRun& run) const {
  Counter& failures = run.metrics().AddCounter(
      "prometheus_sd_http_failures_total", "Number of HTTP service discovery refresh failures.");
  const double interval_seconds = static_cast<double>(refresh_interval) / kSecond;
  const auto refresh = [&]() -> absl::StatusOr<std::vector<SourceUpdate>> {
    HttpRequest request;
    request.url = url;
    request.timeout = refresh_interval;
    request.max_body_bytes = kMaxBodyBytes;
    request.accept_gzip = true;
    request.headers = {{"Accept", "application/json"},
                       {"X-Prometheus-Refresh-Interval-Seconds", FormatFloat(interval_seconds)}};
    absl::StatusOr<std::vector<TargetGroup>> groups =
        ReadResponse(run.Fetch(std::move(request), http));
    if (!groups.ok()) {
      if (!run.stopped()) failures.Increment();
      return groups.status();
    }
    for (TargetGroup& group : *groups) {
      LabelSetBuilder labels(group.labels);
      labels.Set(kUrlLabel, url);
      group.labels = labels.Build();
    }
    return std::vector<SourceUpdate>{{url, *std::move(groups)}};
  };
  RefreshLoop(run, kMechanism, refresh_interval, refresh);
}

}  // namespace tidemark::scrape
