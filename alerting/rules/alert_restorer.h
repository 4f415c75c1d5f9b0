#pragma once

#include "absl/status/status.h"

#include "alerting/rules/alerting_rule.h"
#include "base/model/timestamp.h"
#include "tsdb/querier.h"

namespace tidemark::alerting {

struct RestoreOptions {
  DurationMs outage_tolerance = kHour;     // what was written longer ago is not restored
  DurationMs grace_period = 10 * kMinute;  // the least a restored pending alert has yet to wait
};

// Gives the alerts of `rule` back the time they had been active before the server stopped, read
// from ALERTS_FOR_STATE, and lets the rule write its series from now on, whatever the outcome:
//   `for` below the grace period     not restored: waits all of it again
//   no sample within the tolerance,
//   or the last a staleness marker   not restored
//   was firing already               active as before, so it fires at the next evaluation
//   would fire within the grace      fires a grace period from now
//   else                             the time that the server was down does not count
// Called after the second evaluation, when what the rule depends on has been scraped and recorded.
// Errors are those of the querier. Source: Prometheus, rules/group.go, RestoreForState.
absl::Status RestoreAlerts(AlertingRule& rule, const tsdb::Querier& querier, TimestampMs now,
                           const RestoreOptions& options);

}  // namespace tidemark::alerting
