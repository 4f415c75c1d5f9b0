#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/labels/anchored_regex.h"
#include "base/labels/label_set.h"

namespace tidemark {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };
std::string_view MatchOpText(MatchOp op);  // "=", "!=", "=~", "!~"

// One test on one label; an absent label is an empty value. Thread-safe; cheap to copy.
class LabelMatcher {
 public:
  // InvalidArgument where `value` is to be a regular expression and is not one.
  static absl::StatusOr<LabelMatcher> Create(std::string_view name, MatchOp op,
                                             std::string_view value);
  static LabelMatcher Equal(std::string_view name, std::string_view value);

  bool Matches(std::string_view value) const;
  bool Matches(const LabelSet& labels) const { return Matches(labels.Get(name_)); }

  const std::string& name() const { return name_; }
  MatchOp op() const { return op_; }
  const std::string& value() const { return value_; }
  const AnchoredRegex* regex() const { return regex_ ? &*regex_ : nullptr; }  // null for = and !=
  std::string ToString() const;                                               // `job=~"a.*"`

  friend bool operator==(const LabelMatcher& a, const LabelMatcher& b) {
    return a.name_ == b.name_ && a.op_ == b.op_ && a.value_ == b.value_;
  }

 private:
  LabelMatcher(std::string_view name, MatchOp op, std::string_view value)
      : name_(name), op_(op), value_(value) {}

  std::string name_;
  MatchOp op_;
  std::string value_;
  std::optional<AnchoredRegex> regex_;  // for kRegex and kNotRegex
};

}  // namespace tidemark
