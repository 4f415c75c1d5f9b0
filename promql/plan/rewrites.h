#pragma once

#include "absl/status/status.h"

#include "promql/plan/logical_plan.h"

// The rewrites of a plan, in the order in which MakePlan does them; each has a source file of its
// own.
namespace tidemark::promql {

// Puts a StepInvariantNode above each largest part of the plan that gives the same at every step,
// as what only looks at fixed times (`@`) does, so that it is computed once.
void MarkStepInvariant(PlanNodePtr& root);

// Sets PlanNode::times everywhere, those of subqueries to multiples of their step.
//   ResourceExhausted  more steps than one query may have
absl::Status ResolveTimes(PlanNode& root, const EvalTimes& times);

// Finds the selectors of which an aggregation needs no labels but those it groups by, so that the
// others need not be copied for each series.
void NarrowLabels(PlanNode& root);

// Finds the selectors of which histogram_count, _sum or _avg see no more than counts and sums, by
// which resets cannot be found later.
void MarkFindsResets(PlanNode& root);

// Collects what the selectors ask of storage; those that ask the same share one selection.
void ShareSelections(Plan& plan, DurationMs lookback_delta);

}  // namespace tidemark::promql
