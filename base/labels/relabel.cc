#include "base/labels/relabel.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/io/md5.h"
#include "base/labels/letter_case.h"
#include "base/strings.h"

namespace tidemark {
namespace {

// The values of the source labels, joined: one of `labels`, or in `buffer`.
std::string_view JoinedSources(const RelabelRule& rule, const LabelSetBuilder& labels,
                               std::string* buffer) {
  if (rule.source_labels.size() == 1) return labels.Get(rule.source_labels.front());
  for (size_t i = 0; i < rule.source_labels.size(); ++i) {
    if (i > 0) buffer->append(rule.separator);
    buffer->append(labels.Get(rule.source_labels[i]));
  }
  return *buffer;
}

uint64_t HashForModulus(std::string_view value) {
  const auto digest = Md5(value);
  uint64_t hash = 0;
  for (size_t i = 8; i < digest.size(); ++i) hash = hash << 8 | digest[i];
  return hash;
}

void Replace(const RelabelRule& rule, std::string_view value, LabelSetBuilder& labels) {
  std::string target = rule.target_label, replacement;
  if (rule.replacement == "$1" && rule.regex.pattern() == "(.*)") {
    replacement = value;  // by far the most frequent rule, and no work for a regex
  } else if (!rule.regex.Expand(value, rule.replacement, &replacement)) {
    return;
  }
  if (target.find('$') != std::string::npos) {
    rule.regex.Expand(value, rule.target_label, &target);
  }
  if (target.empty() || !IsValidUtf8(target)) return;
  labels.Set(target, replacement);
}

// Many labels, sorted or not, are set by one pass over both: one by one each would move those
// behind it.
void SetAll(std::vector<std::pair<std::string, std::string_view>> added, LabelSetBuilder& labels) {
  std::stable_sort(added.begin(), added.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  LabelSetBuilder merged;
  auto old = labels.labels().begin();
  for (const auto& [name, value] : added) {
    for (; old != labels.labels().end() && old->first < name; ++old) {
      merged.Set(old->first, old->second);
    }
    merged.Set(name, value);
    if (old != labels.labels().end() && old->first == name) ++old;
  }
  for (; old != labels.labels().end(); ++old) merged.Set(old->first, old->second);
  labels = std::move(merged);
}

void MapLabels(const RelabelRule& rule, LabelSetBuilder& labels) {
  std::vector<std::pair<std::string, std::string_view>> mapped;
  std::string target;
  for (const auto& [name, value] : labels.labels()) {
    if (rule.regex.Expand(name, rule.replacement, &target)) mapped.emplace_back(target, value);
  }
  if (!mapped.empty()) SetAll(std::move(mapped), labels);
}

void DropLabelsWhere(bool matches, const RelabelRule& rule, LabelSetBuilder& labels) {
  LabelSetBuilder kept;
  for (const auto& [name, value] : labels.labels()) {
    if (rule.regex.Matches(name) != matches) kept.Set(name, value);
  }
  if (kept.labels().size() < labels.labels().size()) labels = std::move(kept);
}

// False where the rule drops what carries the labels.
bool Apply(const RelabelRule& rule, LabelSetBuilder& labels) {
  std::string buffer;
  const std::string_view value = JoinedSources(rule, labels, &buffer);
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
