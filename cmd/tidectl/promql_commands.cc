#include "cmd/tidectl/promql_commands.h"

#include <ostream>

#include "absl/status/statusor.h"

#include "base/labels/label_matcher.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/query_text.h"

namespace tidemark::tidectl {
namespace {

bool Print(const absl::StatusOr<std::string>& text, const Output& output) {
  if (text.ok()) {
    output.out << *text << "\n";
  } else {
    output.err << ToStd(text.status().message()) << "\n";
  }
  return text.ok();
}

absl::StatusOr<std::string> Formatted(const std::string& text,
                                      const promql::ParserOptions& options) {
  ASSIGN_OR_RETURN(const promql::Query query, promql::Query::Parse(text, options));
  return promql::FormatQuery(query);
}

absl::StatusOr<LabelMatcher> MatcherOf(const LabelMatcherFlags& flags) {
  for (const MatchOp op :
       {MatchOp::kEqual, MatchOp::kNotEqual, MatchOp::kRegex, MatchOp::kNotRegex}) {
    if (flags.type == MatchOpText(op)) return LabelMatcher::Create(flags.name, op, flags.value);
  }
  return absl::InvalidArgumentError(
      StrCat("type must be one of =,!=,=~,!~, got \"", flags.type, "\""));
}

absl::StatusOr<std::string> WithMatcher(const LabelMatcherFlags& flags,
                                        const promql::ParserOptions& options) {
  ASSIGN_OR_RETURN(const LabelMatcher matcher, MatcherOf(flags));
  return promql::SetLabelMatcher(flags.query, matcher, options);
}

}  // namespace

bool FormatPromql(const std::string& query, const promql::ParserOptions& options,
                  const Output& output) {
  return Print(Formatted(query, options), output);
}

bool SetLabelMatchers(const LabelMatcherFlags& flags, const promql::ParserOptions& options,
                      const Output& output) {
  return Print(WithMatcher(flags, options), output);
}

bool DeleteLabelMatchers(const LabelMatcherFlags& flags, const promql::ParserOptions& options,
                         const Output& output) {
  return Print(promql::DeleteLabelMatchers(flags.query, flags.name, options), output);
}

}  // namespace tidemark::tidectl
