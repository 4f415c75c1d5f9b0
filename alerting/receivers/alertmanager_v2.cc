#include "alerting/receivers/alertmanager_v2.h"

#include "alerting/receivers/json_labels.h"

namespace tidemark::alerting {

std::string AlertmanagerAlertsUrl(const std::string& url) {
  const size_t end = url.find_last_not_of('/');
  return url.substr(0, end + 1) + "/api/v2/alerts";
}

AlertmanagerV2::AlertmanagerV2(const AlertmanagerConfig& config)
    : url_(AlertmanagerAlertsUrl(config.url)), timeout_(config.timeout) {}

HttpRequest AlertmanagerV2::Message(std::span<const Notification> alerts) const {
  HttpRequest request;
  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/json"}};
  request.timeout = timeout_;
  JsonWriter json(&request.body);
  json.BeginArray();
  for (const Notification& alert : alerts) {
    json.BeginObject().Key("annotations");
    WriteLabels(alert.annotations, json);
    json.Key("endsAt").Rfc3339(alert.ends_at).Key("startsAt").Rfc3339(alert.starts_at);
    json.Key("generatorURL").String(alert.generator_url).Key("labels");
    WriteLabels(alert.labels, json);
    json.EndObject();
  }
  json.EndArray();
  return request;
}

}  // namespace tidemark::alerting
