#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/json_writer.h"
#include "base/labels/label_matcher.h"
#include "promql/query.h"

// What tools do with the text of a query.
namespace tidemark::promql {

// The query as Prometheus formats it: on one line up to 100 bytes, else split and indented.
std::string FormatQuery(const Query& query);

// Writes the syntax tree as one JSON value, with the fields of Prometheus's /api/v1/parse_query.
// Departs from it: fill values that JSON does not have, NaN and infinities, are null.
void WriteSyntaxTree(const Query& query, JsonWriter& json);

// The query, formatted, with `matcher` in every selector: in the place of those of the same label,
// else at the end.  InvalidArgument  as Query::Parse
absl::StatusOr<std::string> SetLabelMatcher(std::string_view query, const LabelMatcher& matcher,
                                            const ParserOptions& options = {});
// The query, formatted, without the matchers of label `name`.
//   InvalidArgument  as Query::Parse; a selector would be left that could select everything
absl::StatusOr<std::string> DeleteLabelMatchers(std::string_view query, std::string_view name,
                                                const ParserOptions& options = {});

}  // namespace tidemark::promql
