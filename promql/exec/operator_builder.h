#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "promql/exec/operator.h"
#include "promql/exec/range_source.h"
#include "promql/plan/logical_plan.h"
#include "tsdb/querier.h"

namespace tidemark::promql {

// Makes the operators of a plan, one or a few per node. One thread.
class OperatorBuilder {
 public:
  // Asks `querier` for the plan's selections. `plan` and `query` outlive the builder and what it
  // builds. Errors are those of the querier.
  static absl::StatusOr<OperatorBuilder> Open(const Plan& plan, const tsdb::Querier& querier,
                                              QueryContext& query);

  // For a node that gives a scalar or an instant vector. Each operator holds a batch or a scalar's
  // values: their memory is taken here.
  //   FailedPrecondition   arguments that cannot be used
  //   ResourceExhausted    the memory of the query
  absl::StatusOr<OperatorPtr> Build(const PlanNode& node) const;
  // For a node that gives a range vector. Errors as Build.
  absl::StatusOr<RangeSourcePtr> BuildRange(const PlanNode& node) const;
  // The same, where the range vector is what the query gives: `anchored` and `smoothed` then have
  // samples at the ends of the window.
  absl::StatusOr<RangeSourcePtr> BuildRangeResult(const PlanNode& node) const;

 private:
  using SeriesSetPtr = std::shared_ptr<const tsdb::SeriesSet>;
  explicit OperatorBuilder(QueryContext& query)
      : query_(&query), held_(std::make_unique<MemoryReservation>(query)) {}

  absl::StatusOr<OperatorPtr> BuildNode(const PlanNode& node, const SelectNode& select) const;
  absl::StatusOr<OperatorPtr> BuildNode(const PlanNode& node, const BinaryNode& binary) const;
  absl::StatusOr<OperatorPtr> BuildNode(const PlanNode& node, const AggregateNode& aggregate) const;
  absl::StatusOr<OperatorPtr> BuildNode(const PlanNode& node, const CallNode& call) const;
  absl::StatusOr<OperatorPtr> BuildRangeCall(const PlanNode& node, std::string_view name) const;
  absl::StatusOr<OperatorPtr> BuildSpecialCall(const PlanNode& node, std::string_view name) const;
  absl::StatusOr<OperatorPtr> BuildHistogramCall(const PlanNode& node, std::string_view name) const;
  absl::StatusOr<OperatorPtr> BuildTimestamp(const PlanNode& argument, bool of_start) const;
  absl::StatusOr<OperatorPtr> BuildAbsent(const PlanNode& argument, bool over_time) const;
  absl::StatusOr<OperatorPtr> BuildLabelCall(const PlanNode& node, std::string_view name) const;
  RangeWindows SelectWindows(const PlanNode& node, const SelectNode& select) const;
  absl::StatusOr<std::vector<OperatorPtr>> BuildInputs(const PlanNode& node, size_t first) const;
  bool IsDistinct(const PlanNode& node, RangeSource& range) const;
  // `op` loses the metric's name of what `input` gives; where that may make label sets equal, they
  // are brought together.
  OperatorPtr MergeAfterNameLoss(OperatorPtr op, const PlanNode& input) const;

  QueryContext* query_;
  std::unique_ptr<MemoryReservation> held_;  // for what is built, as long as this lives
  std::vector<SeriesSetPtr> selections_;     // as Plan::selections
};

}  // namespace tidemark::promql
