#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/labels/anchored_regex.h"
#include "base/labels/label_set.h"

namespace tidemark {

enum class RelabelAction {
  kReplace,
  kKeep,
  kDrop,
  kKeepEqual,
  kDropEqual,
  kHashMod,
  kLabelMap,
  kLabelDrop,
  kLabelKeep,
  kLowercase,
  kUppercase,
};

// One rule of `relabel_configs` or `metric_relabel_configs`, checked when it was read.
struct RelabelRule {
  RelabelAction action = RelabelAction::kReplace;
  std::vector<std::string> source_labels;
  std::string separator = ";";
  AnchoredRegex regex = AnchoredRegex::Anything();
  uint64_t modulus = 0;  // of kHashMod, never 0 there
  std::string target_label;
  std::string replacement = "$1";
};

// Applies the rules in order. False where one of them drops the target or the sample; `labels` is
// then of no use. Source: Prometheus, model/relabel; hashmod is the last eight bytes of MD5,
// big-endian. Thread-safe.
bool Relabel(const std::vector<RelabelRule>& rules, LabelSetBuilder& labels);

}  // namespace tidemark
