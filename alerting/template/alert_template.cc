#include "alerting/template/alert_template.h"

#include "base/log.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/histogram_text.h"

namespace tidemark::alerting {

namespace {

TemplateValue ValueOf(const promql::VectorSample& sample) {
  return sample.histogram == nullptr
             ? TemplateValue::Float(sample.value)
             : TemplateValue::String(promql::ToString(ViewOf(*sample.histogram)));
}

}  // namespace

AlertTemplateData::AlertTemplateData(const promql::VectorSample& sample,
                                     const LabelSet& external_labels,
                                     const std::string& external_url)
    : dot_(TemplateValue::MapOf(TemplateValue::MapKind::kStruct,
                                {{"Labels", TemplateValue::Labels(sample.labels)},
                                 {"ExternalLabels", TemplateValue::Labels(external_labels)},
                                 {"ExternalURL", TemplateValue::String(external_url)},
                                 {"Value", ValueOf(sample)}})),
      variables_({{"$labels", *dot_.Get("Labels")},
                  {"$externalLabels", *dot_.Get("ExternalLabels")},
                  {"$externalURL", *dot_.Get("ExternalURL")},
                  {"$value", *dot_.Get("Value")}}) {}

absl::StatusOr<AlertTemplate> AlertTemplate::Parse(std::string_view text,
                                                   std::string_view alert_name) {
  static const auto* const kVariables =
      new std::vector<std::string>{"$labels", "$externalLabels", "$externalURL", "$value"};
  std::string name = StrCat("__alert_", alert_name);
  ASSIGN_OR_RETURN(TextTemplate parsed, TextTemplate::Parse(text, name, *kVariables));
  return AlertTemplate(std::move(name), std::move(parsed));
}

std::string AlertTemplate::Expand(const AlertTemplateData& data,
                                  const TemplateEnvironment& environment) const {
  auto text = template_.Execute(data.dot(), data.variables(), environment);
  if (text.ok()) return *std::move(text);
  const std::string reason =
      StrCat("error executing template ", name_, ": ", ToStd(text.status().message()));
  log::Warn("Expanding alert template failed", {{"err", reason}});
  return StrCat("<error expanding template: ", reason, ">");
}

}  // namespace tidemark::alerting
