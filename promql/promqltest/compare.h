#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "promql/promqltest/script.h"
#include "promql/value.h"

// What the engine gave against what a case of a script wants. Numbers may differ by a millionth.
// Histograms may write out other empty buckets; their hints count where the script gives one.
//   FailedPrecondition  says the difference
//   others              a regular expression of the script that is none
namespace tidemark::promql {

absl::Status CompareValue(const Value& got, const EvalCommand& want);
// The result of a range query, which must be sorted by labels, against an instant case at `time`.
absl::Status CompareStep(const Matrix& got, const EvalCommand& want, TimestampMs time);
// Annotations of a `kind`, "warning" or "info": where any are wanted each of them must be there and
// no others.
absl::Status CompareTexts(std::string_view kind, const std::vector<WantedText>& want, bool none,
                          const std::set<std::string>& got);
absl::Status CompareError(const EvalCommand& want, const absl::Status& error);

}  // namespace tidemark::promql
