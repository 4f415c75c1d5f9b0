#include "http/api_v1/alert_json.h"

#include <charconv>
#include <cmath>
#include <string>

#include "base/model/float_format.h"
#include "http/api_v1/json_value.h"

namespace tidemark::http {
namespace {

std::string ExponentForm(double value) {
  if (!std::isfinite(value)) return FormatFloat(value);
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  return std::string(buffer, end);
}

}  // namespace

void WriteAlert(const alerting::AlertStatus& alert, JsonWriter& json) {
  json.BeginObject().Key("labels");
  WriteLabels(alert.labels, json);
  json.Key("annotations");
  WriteLabels(alert.annotations, json);
  json.Key("state").String(alerting::AlertStateText(alert.state));
  json.Key("activeAt").Rfc3339(alert.active_at);
  if (alert.keep_firing_since) json.Key("keepFiringSince").Rfc3339(*alert.keep_firing_since);
  json.Key("value").String(ExponentForm(alert.value)).EndObject();
}

}  // namespace tidemark::http
