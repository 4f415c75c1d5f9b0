#include "scrape/loop/sample_labels.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kExportedPrefix = "exported_";
constexpr size_t kMaxShown = 50;  // bytes of a name or value in an error

// The value of a label in `sorted`; null where it is not there.
const std::string_view* FindLabel(const std::vector<LabelView>& sorted, std::string_view name) {
  const auto it =
      std::lower_bound(sorted.begin(), sorted.end(), name,
                       [](const LabelView& label, std::string_view n) { return label.name < n; });
  return it != sorted.end() && it->name == name ? &it->value : nullptr;
}

void SetUnderExportedName(std::string name, std::string_view value, LabelSetBuilder& labels) {
  do {
    name.insert(0, kExportedPrefix);
  } while (!labels.Get(name).empty());
  labels.Set(name, value);
}

std::string_view Shown(std::string_view text) { return text.substr(0, kMaxShown); }

absl::Status CheckLimits(const LabelSetBuilder& builder, const ScrapeConfig& config) {
  const auto& labels = builder.labels();
  const std::string_view metric = builder.Get(kMetricName);
  if (config.label_limit > 0 && labels.size() > config.label_limit) {
    return absl::ResourceExhaustedError(StrCat("label_limit exceeded (metric: ", Shown(metric),
                                               ", number of labels: ", labels.size(),
                                               ", limit: ", config.label_limit, ")"));
  }
  for (const auto& [name, value] : labels) {
    const size_t name_limit = config.label_name_length_limit;
    if (name_limit > 0 && name.size() > name_limit) {
      return absl::ResourceExhaustedError(StrCat(
          "label_name_length_limit exceeded (metric: ", Shown(metric),
          ", label name: ", Shown(name), ", length: ", name.size(), ", limit: ", name_limit, ")"));
    }
    const size_t value_limit = config.label_value_length_limit;
    if (value_limit > 0 && value.size() > value_limit) {
      std::string quoted;
      AppendQuoted(Shown(value), &quoted);
      return absl::ResourceExhaustedError(
          StrCat("label_value_length_limit exceeded (metric: ", Shown(metric),
                 ", label name: ", Shown(name), ", value: ", quoted, ", length: ", value.size(),
                 ", limit: ", value_limit, ")"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNames(const LabelSetBuilder& builder, bool legacy_names) {
  if (builder.Get(kMetricName).empty()) {
    return absl::InvalidArgumentError(
        StrCat("missing metric name (__name__ label): ", builder.Build().ToString()));
  }
  if (!legacy_names) return absl::OkStatus();
  for (const auto& [name, value] : builder.labels()) {
    if (IsLegacyLabelName(name) && (name != kMetricName || IsLegacyMetricName(value))) continue;
    return absl::InvalidArgumentError(
        StrCat("invalid metric name or label names: ", builder.Build().ToString()));
  }
  return absl::OkStatus();
}

bool SameRule(const RelabelRule& a, const RelabelRule& b) {
  return a.action == b.action && a.source_labels == b.source_labels && a.separator == b.separator &&
         a.regex.pattern() == b.regex.pattern() && a.modulus == b.modulus &&
         a.target_label == b.target_label && a.replacement == b.replacement;
}

}  // namespace

void AddTargetLabels(const ExpositionLabels& sample, const LabelSet& target, bool honor_labels,
                     LabelSetBuilder& labels) {
  // Sorted first: the builder moves what stands behind a name that comes between.
  std::vector<LabelView> sorted;
  sorted.reserve(sample.size());
  for (const auto& [name, value] : sample) sorted.push_back({name, value});
  std::sort(sorted.begin(), sorted.end(),
            [](const LabelView& a, const LabelView& b) { return a.name < b.name; });
  labels.Reset();
  for (const LabelView& label : sorted) labels.Set(label.name, label.value);

  std::vector<std::pair<std::string_view, std::string_view>> clashing;  // the sample's side
  for (const LabelView& label : target) {
    const std::string_view* const theirs = FindLabel(sorted, label.name);
    if (theirs != nullptr && honor_labels) continue;
    if (theirs != nullptr && !theirs->empty()) clashing.emplace_back(label.name, *theirs);
    labels.Set(label.name, label.value);
  }
  // Shorter names first, so that `exported_x` of the page makes way for its `x` in a fixed order.
  std::stable_sort(clashing.begin(), clashing.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  for (const auto& [name, value] : clashing) {
    SetUnderExportedName(std::string(name), value, labels);
  }
}

absl::StatusOr<LabelSet> SeriesLabels(const ExpositionLabels& sample, const LabelSet& target,
                                      const ScrapeConfig& config) {
  LabelSetBuilder labels;
  AddTargetLabels(sample, target, config.honor_labels, labels);
  if (!Relabel(config.metric_relabel_rules, labels) || labels.labels().empty()) return LabelSet();
  RETURN_IF_ERROR(CheckNames(labels, config.formats.legacy_names));
  if (absl::Status status = CheckLimits(labels, config); !status.ok()) return status;
  return labels.Build();
}

bool LabelSamplesAlike(const ScrapeConfig& a, const ScrapeConfig& b) {
  return a.honor_labels == b.honor_labels && a.label_limit == b.label_limit &&
         a.label_name_length_limit == b.label_name_length_limit &&
         a.label_value_length_limit == b.label_value_length_limit &&
         a.formats.legacy_names == b.formats.legacy_names &&
         std::equal(a.metric_relabel_rules.begin(), a.metric_relabel_rules.end(),
                    b.metric_relabel_rules.begin(), b.metric_relabel_rules.end(), SameRule);
}

}  // namespace tidemark::scrape
