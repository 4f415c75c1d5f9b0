#include "http/api_v1/alert_json.h"
#include "http/api_v1/handlers.h"

namespace tidemark::http {

ApiFunction AlertsHandler(RuleGroupsFunction groups) {
  return [=](const Request&, ApiAnswer& answer) -> absl::Status {
    answer.data.BeginObject().Key("alerts").BeginArray();
    for (const alerting::RuleGroupStatus& group : groups()) {
      for (const alerting::RuleStatus& rule : group.rules) {
        for (const alerting::AlertStatus& alert : rule.alerts) WriteAlert(alert, answer.data);
      }
    }
    answer.data.EndArray().EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
