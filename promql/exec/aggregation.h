#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/group_accumulator.h"
#include "promql/exec/grouping.h"
#include "promql/exec/operator.h"

namespace tidemark::promql {

// `sum by (job) (...)` and the like: folds each batch into its groups as it comes and forgets it,
// so memory is groups x steps.
class Aggregation : public Operator {
 public:
  // `op`: one that MakeGroupAccumulator knows.
  // `input_source`: where its input stands in the query.
  Aggregation(AggregateOp op, Grouping grouping, OperatorPtr input, SourceRange input_source)
      : Operator(input->times()),
        op_(op),
        grouping_(std::move(grouping)),
        input_(std::move(input)),
        input_source_(input_source) {}

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  struct Group {
    SeriesHeader header;
    std::unique_ptr<GroupAccumulator> accumulator;
  };

  // A series of the batch at hand.
  struct Member {
    StepRow row;
    size_t group;
    std::string_view metric_name;  // where it has histograms
  };

  absl::Status FoldAll(QueryContext& query);
  absl::StatusOr<size_t> GroupOf(const SeriesHeader& series);
  void FoldMembers(QueryContext& query);
  // Accounts for what the histograms of the members' groups grew by.
  absl::Status HoldHistograms();

  const AggregateOp op_;
  const Grouping grouping_;
  const OperatorPtr input_;
  const SourceRange input_source_;
  AggregationNotes notes_;
  std::optional<MemoryReservation> held_;  // groups x steps; made by the first Next
  std::vector<Group> groups_;              // in order of first appearance
  absl::flat_hash_map<LabelSet, size_t> by_labels_;
  LabelSet last_labels_;   // of the series last asked for,
  size_t last_group_ = 0;  // and its group
  std::vector<Member> members_;
  size_t next_ = 0;
};

}  // namespace tidemark::promql
