#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"

#include "base/model/duration.h"
#include "base/net/url.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/json_value.h"

namespace tidemark::http {
namespace {

std::string_view HealthText(scrape::TargetHealth health) {
  switch (health) {
    case scrape::TargetHealth::kUp:
      return "up";
    case scrape::TargetHealth::kDown:
      return "down";
    case scrape::TargetHealth::kUnknown:
      break;
  }
  return "unknown";
}

// "host:80" and "[::1]:80" without the port.
std::string_view HostName(std::string_view host) {
  const size_t bracket = host.rfind(']');
  if (bracket != std::string_view::npos) return host.substr(0, bracket + 1);
  return host.substr(0, host.find(':'));
}

// The URL of a target on this machine as others reach it.
std::string GlobalUrl(const std::string& target_url, const std::string& external_url) {
  absl::StatusOr<Url> target = Url::Parse(target_url);
  const absl::StatusOr<Url> external = Url::Parse(external_url);
  if (!target.ok() || !external.ok()) return target_url;
  const std::string_view name = HostName(target->host);
  if (name != "127.0.0.1" && name != "localhost" && name != "[::1]") return target_url;
  target->host =
      StrCat(HostName(external->host), std::string_view(target->host).substr(name.size()));
  return target->ToString();
}

void WriteActive(const scrape::TargetStatus& target, const std::string& external_url,
                 JsonWriter& json) {
  json.BeginObject().Key("discoveredLabels");
  WriteLabels(target.discovered_labels, json);
  json.Key("labels");
  WriteLabels(target.labels, json);
  json.Key("scrapePool").String(target.scrape_pool);
  json.Key("scrapeUrl").String(target.url);
  json.Key("globalUrl").String(GlobalUrl(target.url, external_url));
  json.Key("lastError").String(target.last_error);
  json.Key("lastScrape").Rfc3339(target.last_scrape);
  json.Key("lastScrapeDuration").Number(target.last_scrape_duration_seconds);
  json.Key("health").String(HealthText(target.health));
  json.Key("scrapeInterval").String(FormatDuration(target.interval));
  json.Key("scrapeTimeout").String(FormatDuration(target.timeout));
  json.EndObject();
}

void WriteDropped(const scrape::DroppedTarget& target, JsonWriter& json) {
  json.BeginObject().Key("discoveredLabels");
  WriteLabels(target.discovered_labels, json);
  json.Key("scrapePool").String(target.scrape_pool).EndObject();
}

template <typename Target>
void SortByPool(std::vector<Target>& targets) {
  std::stable_sort(targets.begin(), targets.end(),
                   [](const Target& a, const Target& b) { return a.scrape_pool < b.scrape_pool; });
}

void WriteDroppedCounts(const TargetLists& targets, JsonWriter& json) {
  const std::map<std::string, size_t> sorted(targets.dropped_counts.begin(),
                                             targets.dropped_counts.end());
  json.BeginObject();
  for (const auto& [pool, count] : sorted) json.Key(pool).Int(static_cast<int64_t>(count));
  json.EndObject();
}

}  // namespace

ApiFunction TargetsHandler(std::function<TargetLists()> targets, std::string external_url) {
  return [=](const Request& request, ApiAnswer& answer) -> absl::Status {
    const std::string state = absl::AsciiStrToLower(ToAbsl(request.Param("state")));
    const bool any = state.empty() || state == "any";
    const bool dropped = any || state == "dropped";
    const std::string_view pool = request.Param("scrapePool");
    const auto wanted = [pool](const auto& target) {
      return pool.empty() || target.scrape_pool == pool;
    };
    TargetLists all = targets();
    SortByPool(all.active);
    SortByPool(all.dropped);

    JsonWriter& json = answer.data;
    json.BeginObject().Key("activeTargets").BeginArray();
    for (const auto& target : all.active) {
      if ((any || state == "active") && wanted(target)) WriteActive(target, external_url, json);
    }
    json.EndArray().Key("droppedTargets").BeginArray();
    for (const auto& target : all.dropped) {
      if (dropped && wanted(target)) WriteDropped(target, json);
    }
    json.EndArray().Key("droppedTargetCounts");
    dropped ? WriteDroppedCounts(all, json) : void(json.Null());
    json.EndObject();
    return absl::OkStatus();
  };
}

ApiFunction ScrapePoolsHandler(std::function<TargetLists()> targets) {
  return [=](const Request&, ApiAnswer& answer) -> absl::Status {
    const TargetLists all = targets();
    std::set<std::string_view> pools;
    for (const auto& [pool, count] : all.dropped_counts) pools.insert(pool);
    answer.data.BeginObject().Key("scrapePools").BeginArray();
    for (const std::string_view pool : pools) answer.data.String(pool);
    answer.data.EndArray().EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
