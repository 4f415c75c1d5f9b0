#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "alerting/template/text_template.h"
#include "base/labels/label_set.h"
#include "promql/value.h"

namespace tidemark::alerting {

// What the template of a label or an annotation sees: as `.Labels .Value .ExternalLabels
// .ExternalURL` and as `$labels $value $externalLabels $externalURL`.
class AlertTemplateData {
 public:
  // A value that is a native histogram stands there as its text.
  AlertTemplateData(const promql::VectorSample& sample, const LabelSet& external_labels,
                    const std::string& external_url);

  const TemplateValue& dot() const { return dot_; }
  const std::vector<TextTemplate::Variable>& variables() const { return variables_; }

 private:
  TemplateValue dot_;
  std::vector<TextTemplate::Variable> variables_;
};

// The template of a label or an annotation of an alert. Thread-safe.
class AlertTemplate {
 public:
  // InvalidArgument with the line in the template and the reason.
  static absl::StatusOr<AlertTemplate> Parse(std::string_view text, std::string_view alert_name);

  // The text; where the template fails, "<error expanding template: reason>", which is also
  // logged: an alert with a bad annotation is better than none.
  std::string Expand(const AlertTemplateData& data, const TemplateEnvironment& environment) const;

 private:
  AlertTemplate(std::string name, TextTemplate text)
      : name_(std::move(name)), template_(std::move(text)) {}
  std::string name_;
  TextTemplate template_;
};

}  // namespace tidemark::alerting
