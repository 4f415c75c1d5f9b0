#include "base/labels/relabel.h"

#include "base/io/md5.h"
#include "base/labels/letter_case.h"
#include "base/strings.h"

namespace tidemark {
namespace {

std::string JoinedSources(const RelabelRule& rule, const LabelSetBuilder& labels) {
  std::string joined;
  for (size_t i = 0; i < rule.source_labels.size(); ++i) {
    if (i > 0) joined.append(rule.separator);
    joined.append(labels.Get(rule.source_labels[i]));
  }
  return joined;
}

uint64_t HashForModulus(std::string_view value) {
  const auto digest = Md5(value);
  uint64_t hash = 0;
  for (size_t i = 8; i < digest.size(); ++i) hash = hash << 8 | digest[i];
  return hash;
}

void Replace(const RelabelRule& rule, std::string_view value, LabelSetBuilder& labels) {
  std::string target, replacement;
  if (!rule.regex.Expand(value, rule.target_label, &target)) return;
  if (target.empty() || !IsValidUtf8(target)) return;
  rule.regex.Expand(value, rule.replacement, &replacement);
  labels.Set(target, replacement);
}

void MapLabels(const RelabelRule& rule, LabelSetBuilder& labels) {
  // A copy: labels made here are not mapped again.
  const std::vector<std::pair<std::string, std::string>> before = labels.labels();
  std::string target;
  for (const auto& [name, value] : before) {
    if (rule.regex.Expand(name, rule.replacement, &target)) labels.Set(target, value);
  }
}

void DropLabelsWhere(bool matches, const RelabelRule& rule, LabelSetBuilder& labels) {
  const std::vector<std::pair<std::string, std::string>> before = labels.labels();
  for (const auto& [name, value] : before) {
    if (rule.regex.Matches(name) == matches) labels.Delete(name);
  }
}

// False where the rule drops what carries the labels.
bool Apply(const RelabelRule& rule, LabelSetBuilder& labels) {
  const std::string value = JoinedSources(rule, labels);
  switch (rule.action) {
    case RelabelAction::kReplace:
      Replace(rule, value, labels);
      return true;
    case RelabelAction::kKeep:
      return rule.regex.Matches(value);
    case RelabelAction::kDrop:
      return !rule.regex.Matches(value);
    case RelabelAction::kKeepEqual:
      return labels.Get(rule.target_label) == value;
    case RelabelAction::kDropEqual:
      return labels.Get(rule.target_label) != value;
    case RelabelAction::kHashMod:
      labels.Set(rule.target_label, StrCat(HashForModulus(value) % rule.modulus));
      return true;
    case RelabelAction::kLabelMap:
      MapLabels(rule, labels);
      return true;
    case RelabelAction::kLabelDrop:
      DropLabelsWhere(true, rule, labels);
      return true;
    case RelabelAction::kLabelKeep:
      DropLabelsWhere(false, rule, labels);
      return true;
    case RelabelAction::kLowercase:
      labels.Set(rule.target_label, ToLowerCase(value));
      return true;
    case RelabelAction::kUppercase:
      labels.Set(rule.target_label, ToUpperCase(value));
      return true;
  }
  return true;
}

}  // namespace

bool Relabel(const std::vector<RelabelRule>& rules, LabelSetBuilder& labels) {
  for (const RelabelRule& rule : rules) {
    if (!Apply(rule, labels)) return false;
  }
  return true;
}

}  // namespace tidemark
