#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "base/json_value.h"

// Answers of the query API as promtool prints them.
namespace tidemark::tidectl {

// The `data` of a query: `up{job="a"} => 1 @[1435781451.781]`, a line a sample; of a range the
// series on a line of its own and `1 @[TIME]` for each sample; `scalar: 1 @[TIME]`; a string as it
// is.  FailedPrecondition  another type
absl::StatusOr<std::string> FormatQueryResult(const JsonValue& data);

// An object of labels: `{__name__="up", job="a"}`.
std::string FormatLabelObject(const JsonValue& labels);

}  // namespace tidemark::tidectl
