#include <algorithm>

#include "base/labels/label_set.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/api_v1/alert_json.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/json_value.h"
#include "http/api_v1/params.h"

namespace tidemark::http {
namespace {

using alerting::RuleGroupStatus;
using alerting::RuleStatus;

// Which rules a request asks for; an empty list asks for all.
struct RuleFilter {
  bool alerting = true, recording = true;
  std::vector<std::string> names, groups, files;
  Selectors selectors;

  static bool Lists(const std::vector<std::string>& list, const std::string& name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  }
  bool Matches(const RuleGroupStatus& group) const {
    return Lists(groups, group.name) && Lists(files, group.file);
  }
  bool Matches(const RuleStatus& rule) const {
    return (rule.is_alert ? alerting : recording) && Lists(names, rule.name) &&
           (selectors.empty() ||
            std::any_of(selectors.begin(), selectors.end(),
                        [&](const auto& matchers) { return MatchesLabels(matchers, rule); }));
  }

 private:
  // A label that is a template has no value to be matched with.
  static bool MatchesLabels(const std::vector<LabelMatcher>& matchers, const RuleStatus& rule) {
    LabelSetBuilder labels;
    for (const auto& [name, value] : rule.labels) {
      if (value.find("{{") == std::string::npos) labels.Set(name, value);
    }
    return std::all_of(matchers.begin(), matchers.end(), [&](const LabelMatcher& matcher) {
      return matcher.Matches(labels.Get(matcher.name()));
    });
  }
};

absl::StatusOr<RuleFilter> RuleFilterOf(const Request& request) {
  RuleFilter filter;
  const std::string_view type = request.Param("type");
  if (!type.empty() && type != "alert" && type != "record") {
    return InvalidParameter("type", StrCat("not supported value \"", type, "\""));
  }
  filter.alerting = type != "record";
  filter.recording = type != "alert";
  filter.names = request.Params("rule_name[]");
  filter.groups = request.Params("rule_group[]");
  filter.files = request.Params("file[]");
  ASSIGN_OR_RETURN(filter.selectors, SelectorsOf(request));
  return filter;
}

// A flag as Go's strconv.ParseBool reads it; absent is false.
absl::StatusOr<bool> ExcludeAlerts(const Request& request) {
  const std::string_view text = request.Param("exclude_alerts");
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return InvalidParameter("exclude_alerts",
                          StrCat("error converting exclude_alerts: strconv.ParseBool: parsing \"",
                                 text, "\": invalid syntax"));
}

std::string_view HealthText(alerting::RuleHealth health) {
  switch (health) {
    case alerting::RuleHealth::kOk:
      return "ok";
    case alerting::RuleHealth::kError:
      return "err";
    case alerting::RuleHealth::kUnknown:
      break;
  }
  return "unknown";
}

double ToSeconds(DurationMs duration) { return static_cast<double>(duration) / 1000; }

// The members that only alerting rules have, after `query` and before those that all rules have.
void WriteAlerting(const RuleStatus& rule, bool exclude_alerts, JsonWriter& json) {
  json.Key("duration").Number(ToSeconds(rule.hold));
  json.Key("keepFiringFor").Number(ToSeconds(rule.keep_firing_for));
  json.Key("labels");
  WriteLabels(rule.labels, json);
  json.Key("annotations");
  WriteLabels(rule.annotations, json);
  json.Key("alerts");
  if (exclude_alerts) {
    json.Null();
    return;
  }
  json.BeginArray();
  for (const alerting::AlertStatus& alert : rule.alerts) WriteAlert(alert, json);
  json.EndArray();
}

void WriteRule(const RuleStatus& rule, bool exclude_alerts, JsonWriter& json) {
  json.BeginObject();
  if (rule.is_alert) json.Key("state").String(alerting::AlertStateText(rule.state));
  json.Key("name").String(rule.name).Key("query").String(rule.query);
  if (rule.is_alert) {
    WriteAlerting(rule, exclude_alerts, json);
  } else if (!rule.labels.empty()) {
    json.Key("labels");
    WriteLabels(rule.labels, json);
  }
  json.Key("health").String(HealthText(rule.health));
  if (!rule.last_error.empty()) json.Key("lastError").String(rule.last_error);
  json.Key("evaluationTime").Number(rule.evaluation_seconds);
  json.Key("lastEvaluation").Rfc3339(rule.last_evaluation);
  json.Key("type").String(rule.is_alert ? "alerting" : "recording").EndObject();
}

void WriteGroup(const RuleGroupStatus& group, const RuleFilter& filter, bool exclude_alerts,
                JsonWriter& json) {
  json.BeginObject().Key("name").String(group.name).Key("file").String(group.file);
  json.Key("rules").BeginArray();
  for (const RuleStatus& rule : group.rules) {
    if (filter.Matches(rule)) WriteRule(rule, exclude_alerts, json);
  }
  json.EndArray().Key("interval").Number(ToSeconds(group.interval));
  json.Key("limit").Int(group.limit);
  json.Key("evaluationTime").Number(group.evaluation_seconds);
  json.Key("lastEvaluation").Rfc3339(group.last_evaluation).EndObject();
}

}  // namespace

ApiFunction RulesHandler(RuleGroupsFunction groups) {
  return [=](const Request& request, ApiAnswer& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const RuleFilter filter, RuleFilterOf(request));
    ASSIGN_OR_RETURN(const bool exclude_alerts, ExcludeAlerts(request));
    answer.data.BeginObject().Key("groups").BeginArray();
    for (const RuleGroupStatus& group : groups()) {
      const bool any = std::any_of(group.rules.begin(), group.rules.end(),
                                   [&](const RuleStatus& rule) { return filter.Matches(rule); });
      if (any && filter.Matches(group)) WriteGroup(group, filter, exclude_alerts, answer.data);
    }
    answer.data.EndArray().EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
