#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/model/timestamp.h"
#include "promql/query.h"

namespace tidemark::promql {

// `query`, which parses, with `@ time` at each selector and subquery that looks at another time
// than its own: it gives the same at any evaluation time as it did at `time`. Nothing for queries
// that depend on the evaluation time in other ways too.
std::optional<std::string> WithFixedTime(std::string_view query, const ParserOptions& options,
                                         TimestampMs time);

}  // namespace tidemark::promql
