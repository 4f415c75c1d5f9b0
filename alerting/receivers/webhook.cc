#include "alerting/receivers/webhook.h"

#include <algorithm>

#include "alerting/receivers/fingerprint.h"
#include "alerting/receivers/json_labels.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

constexpr std::string_view kAlertName = "alertname";
constexpr std::string_view kReceiver = "webhook";

std::string_view StatusText(bool resolved) { return resolved ? "resolved" : "firing"; }

// The pairs that all of the alerts have.
LabelSet CommonPairs(std::span<const Notification> alerts, LabelSet Notification::*pairs) {
  LabelSetBuilder common(alerts.front().*pairs);
  for (const Notification& alert : alerts.subspan(1)) {
    for (const LabelView& pair : alerts.front().*pairs) {
      if ((alert.*pairs).Get(pair.name) != pair.value) common.Delete(pair.name);
    }
  }
  return common.Build();
}

void WriteAlert(const Notification& alert, JsonWriter& json) {
  json.BeginObject().Key("status").String(StatusText(alert.resolved)).Key("labels");
  WriteLabels(alert.labels, json);
  json.Key("annotations");
  WriteLabels(alert.annotations, json);
  // While an alert fires nobody knows its end: Go's zero time.
  json.Key("startsAt").Rfc3339(alert.starts_at);
  json.Key("endsAt").Rfc3339(alert.resolved ? alert.ends_at : 0);
  json.Key("generatorURL").String(alert.generator_url);
  json.Key("fingerprint").String(AlertFingerprint(alert.labels)).EndObject();
}

}  // namespace

Webhook::Webhook(const WebhookConfig& config, std::string external_url,
                 std::shared_ptr<NotificationLog> log)
    : config_(config), external_url_(std::move(external_url)), log_(std::move(log)) {}

bool Webhook::Wants(const Notification& alert, TimestampMs now) const {
  return (config_.send_resolved || !alert.resolved) && log_->IsNews(alert, now);
}

std::string Webhook::MessageKey(const Notification& alert) const {
  return std::string(alert.labels.Get(kAlertName));
}

HttpRequest Webhook::Message(std::span<const Notification> alerts) const {
  HttpRequest request;
  request.method = "POST";
  request.url = config_.url;
  request.headers = {{"Content-Type", "application/json"}};
  request.timeout = config_.timeout;

  const LabelSet group{{kAlertName, alerts.front().labels.Get(kAlertName)}};
  const bool all_resolved = std::all_of(alerts.begin(), alerts.end(),
                                        [](const Notification& alert) { return alert.resolved; });
  JsonWriter json(&request.body);
  json.BeginObject().Key("receiver").String(kReceiver);
  json.Key("status").String(StatusText(all_resolved)).Key("alerts").BeginArray();
  for (const Notification& alert : alerts) WriteAlert(alert, json);
  json.EndArray().Key("groupLabels");
  WriteLabels(group, json);
  json.Key("commonLabels");
  WriteLabels(CommonPairs(alerts, &Notification::labels), json);
  json.Key("commonAnnotations");
  WriteLabels(CommonPairs(alerts, &Notification::annotations), json);
  json.Key("externalURL").String(external_url_).Key("version").String("4");
  json.Key("groupKey").String(StrCat("{}:", group.ToString()));
  json.Key("truncatedAlerts").Int(0).EndObject();
  return request;
}

void Webhook::Delivered(std::span<const Notification> alerts, TimestampMs now) {
  for (const Notification& alert : alerts) log_->Add(alert, now);
}

}  // namespace tidemark::alerting
