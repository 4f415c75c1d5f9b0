#include "http/remote/written_labels.h"

#include <algorithm>
#include <string_view>

#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxTextBytes = 1000;

bool IsValid(const LabelView& label) {
  return !label.name.empty() && IsValidUtf8(label.name) && IsValidUtf8(label.value);
}

// Of text that may be much longer than what is shown of it.
std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text.substr(0, kMaxTextBytes), &quoted);
  return quoted;
}

}  // namespace

absl::StatusOr<LabelSet> CheckedLabels(std::vector<LabelView> labels) {
  // Sorted first: the builder moves what stands behind a name that comes between.
  std::sort(labels.begin(), labels.end(),
            [](const LabelView& a, const LabelView& b) { return a.name < b.name; });
  const bool has_name = std::any_of(labels.begin(), labels.end(), [](const LabelView& label) {
    return label.name == kMetricName && !label.value.empty();
  });
  if (!has_name || !std::all_of(labels.begin(), labels.end(), IsValid)) {
    return absl::InvalidArgumentError(
        StrCat("invalid metric name or labels, got ", LabelText(labels)));
  }
  const auto same_name = [](const LabelView& a, const LabelView& b) { return a.name == b.name; };
  const auto twice = std::adjacent_find(labels.begin(), labels.end(), same_name);
  if (twice != labels.end()) {
    return absl::InvalidArgumentError(StrCat("invalid labels for series, labels ",
                                             LabelText(labels), ", duplicated label ",
                                             twice->name.substr(0, kMaxTextBytes)));
  }
  LabelSetBuilder builder;
  for (const LabelView& label : labels) builder.Set(label.name, label.value);
  return builder.Build();
}

std::string LabelText(std::span<const LabelView> labels) {
  std::string text = "{";
  for (const LabelView& label : labels) {
    if (text.size() > 1) text.append(", ");
    if (text.size() > kMaxTextBytes) {
      text.append("...");
      break;
    }
    text.append(IsLegacyLabelName(label.name) ? label.name.substr(0, kMaxTextBytes)
                                              : Quoted(label.name));
    text.append("=").append(Quoted(label.value));
  }
  return text.append("}");
}

}  // namespace tidemark::http
