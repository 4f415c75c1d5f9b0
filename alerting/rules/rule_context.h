#pragma once

#include <functional>

#include "absl/status/statusor.h"

#include "alerting/notifier.h"
#include "alerting/rule_file.h"
#include "alerting/rule_manager.h"
#include "base/metrics.h"
#include "promql/query.h"
#include "promql/value.h"
#include "tsdb/appender.h"
#include "tsdb/querier.h"

namespace tidemark::alerting {

// Evaluates a query of a rule group at a time over what is stored then: an instant vector, or a
// scalar as one sample without labels; anything else is FailedPrecondition. Cancelled where
// evaluation ends.
using EvaluateQuery = std::function<absl::StatusOr<promql::InstantVector>(
    const RuleGroupConfig& asking, const promql::Query&, TimestampMs)>;

// The result of an instant query as EvaluateQuery gives it.
absl::StatusOr<promql::InstantVector> AsInstantVector(promql::Value value);

// What all rule groups work with. Everything outlives them.
struct RuleContext {
  EvaluateQuery evaluate;
  tsdb::Appendable& appendable;
  const tsdb::Queryable& queryable;
  Notifier& notifier;
  MetricRegistry& metrics;
  RuleManagerOptions options;
};

}  // namespace tidemark::alerting
