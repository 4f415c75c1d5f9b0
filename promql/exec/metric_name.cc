#include "promql/exec/metric_name.h"

#include <vector>

namespace tidemark::promql {

void LoseMetricName(const QueryContext& query, SeriesHeader& header) {
  if (query.options().delayed_name_removal) {
    header.drop_name = true;
  } else {
    header.labels = WithoutMetricName(header.labels);
  }
}

LabelSet WithoutMetricName(const LabelSet& labels) {
  static const auto& kNames =
      *new std::vector<std::string>{std::string(kMetricName), "__type__", "__unit__"};
  return DropLabels(labels, kNames);
}

std::string LabelsText(const LabelSet& labels) {
  std::string text = "{";
  for (const LabelView& label : labels) {
    if (text.size() > 1) text.append(", ");
    if (IsLegacyLabelName(label.name)) {
      text.append(label.name);
    } else {
      AppendQuoted(label.name, &text);
    }
    text.push_back('=');
    AppendQuoted(label.value, &text);
  }
  return text + "}";
}

}  // namespace tidemark::promql
