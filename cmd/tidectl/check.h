#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "promql/query.h"

// `tidectl check`: what promtool's commands of the same names print and find.
namespace tidemark::tidectl {

// Where a check writes: findings go to `out`, failures to `err`.
struct Output {
  std::ostream& out;
  std::ostream& err;
};

// Checks configuration files and the rule files and files of targets that they name. False where anything is wrong.
bool CheckConfigs(const std::vector<std::string>& paths, const promql::ParserOptions& options,
                  const Output& output);
// Checks rule files.
bool CheckRules(const std::vector<std::string>& paths, const promql::ParserOptions& options,
                const Output& output);

}  // namespace tidemark::tidectl
