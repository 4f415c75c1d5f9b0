#include "base/labels/label_text.h"

namespace tidemark {

std::string FormatLabels(const LabelSet& labels) {
  std::string text = "{";
  for (const LabelView& label : labels) {
    if (text.size() > 1) text += ", ";
    if (IsLegacyLabelName(label.name)) {
      text += label.name;
    } else {
      AppendQuoted(label.name, &text);
    }
    text += '=';
    AppendQuoted(label.value, &text);
  }
  return text + "}";
}

}  // namespace tidemark
