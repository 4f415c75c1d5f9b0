#pragma once

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"

#include "alerting/rules/rule_context.h"

namespace tidemark::alerting {

using SeriesNames = absl::flat_hash_set<LabelSet>;

// Stores what one rule gave at `stamp`, as one batch, and ends with a staleness marker each series
// of `previous` that is not there any more; `previous` then holds the series that were stored.
//   FailedPrecondition  the store rejected samples, for the reason in the message, or histograms
//   are
//                       none that can be stored; the rest is stored
//   and what Commit gives: nothing is stored then and `previous` is as before
absl::Status WriteRuleOutput(tsdb::Appendable& appendable, const promql::InstantVector& vector,
                             TimestampMs stamp, SeriesNames& previous);

// Ends series with staleness markers at `stamp`; those that have newer samples are left alone.
absl::Status WriteStaleMarkers(tsdb::Appendable& appendable, const std::vector<LabelSet>& series,
                               TimestampMs stamp);

}  // namespace tidemark::alerting
