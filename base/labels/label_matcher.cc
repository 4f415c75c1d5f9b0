#include "base/labels/label_matcher.h"

#include "base/status_macros.h"

namespace tidemark {

std::string_view MatchOpText(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kRegex:
      return "=~";
    case MatchOp::kNotRegex:
      return "!~";
  }
  return "?";
}

absl::StatusOr<LabelMatcher> LabelMatcher::Create(std::string_view name, MatchOp op,
                                                  std::string_view value) {
  LabelMatcher matcher(name, op, value);
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    ASSIGN_OR_RETURN(matcher.regex_, AnchoredRegex::Create(value));
  }
  return matcher;
}

LabelMatcher LabelMatcher::Equal(std::string_view name, std::string_view value) {
  return LabelMatcher(name, MatchOp::kEqual, value);
}

bool LabelMatcher::Matches(std::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return regex_->Matches(value);
    case MatchOp::kNotRegex:
      return !regex_->Matches(value);
  }
  return false;
}

std::string LabelMatcher::ToString() const {
  std::string text;
  if (IsLegacyLabelName(name_)) {
    text = name_;
  } else {
    AppendQuoted(name_, &text);
  }
  text.append(MatchOpText(op_));
  AppendQuoted(value_, &text);
  return text;
}

}  // namespace tidemark
