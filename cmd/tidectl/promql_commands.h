#pragma once

#include <string>

#include "cmd/tidectl/check.h"
#include "promql/query.h"

// `tidectl promql`: queries as text. Each is false where the query or an argument is wrong.
namespace tidemark::tidectl {

// Prints the query as the server formats it.
bool FormatPromql(const std::string& query, const promql::ParserOptions& options,
                  const Output& output);

struct LabelMatcherFlags {
  std::string query, name, value, type = "=";
};
// Prints the query with the matcher in every selector.
bool SetLabelMatchers(const LabelMatcherFlags& flags, const promql::ParserOptions& options,
                      const Output& output);
// Prints the query without matchers of label `name`.
bool DeleteLabelMatchers(const LabelMatcherFlags& flags, const promql::ParserOptions& options,
                         const Output& output);

}  // namespace tidemark::tidectl
