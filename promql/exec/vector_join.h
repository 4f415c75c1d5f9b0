#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/binary_function.h"
#include "promql/exec/operator.h"
#include "promql/exec/series_table.h"

namespace tidemark::promql {

// Arithmetic and comparison between two vectors. The side of which each match group may have one
// sample at a step (the right one, the left one under group_right) is kept; the other, "many", side
// streams past it. Matching is step by step: series of one group may take turns.
//   FailedPrecondition  Prometheus's errors for what does not match as the query says
class VectorJoin : public Operator {
 public:
  // `matching` is not kManyToMany, has no fill values, and outlives this.
  VectorJoin(BinaryRule rule, const VectorMatching& matching, OperatorPtr left, OperatorPtr right);

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  using Bits = std::vector<uint64_t>;
  // The series of the "one" side with equal signatures.
  struct Group {
    std::vector<size_t> members;  // rows of one_
    Bits twice;                   // steps where two of them have a value; empty for one member
    // Steps at which a sample of the "many" side was matched: of the whole group in one-to-one
    // matching, else by the labels of the result.
    Bits matched;
    absl::flat_hash_map<LabelSet, Bits> matched_by_result;
  };

  absl::Status OpenOneSide(QueryContext& query);
  void FindTwice(Group& group);
  absl::Status CheckOneSide(const StepRow& many) const;
  absl::Status DuplicateError(const Group& group, size_t step) const;
  absl::Status Match(QueryContext& query, const SeriesHeader& many_header, const StepRow& many,
                     Group& group, ColumnBatch& out);
  absl::Status MarkMatched(Group& group, const LabelSet& result, const Bits& matched) const;
  LabelSet ResultLabels(const LabelSet& many, const LabelSet& one) const;
  void Compute(const StepRow& many, const StepRow& one, const StepRow& out) const;
  bool one_side_is_left() const {
    return matching_.cardinality == VectorMatching::Cardinality::kOneToMany;
  }

  const BinaryRule rule_;
  const VectorMatching& matching_;
  const OperatorPtr many_input_, one_input_;
  std::optional<SeriesTable> one_;
  absl::flat_hash_map<LabelSet, Group> groups_;
  Bits any_twice_;  // steps at which some group has two samples on the "one" side
  ColumnBatch many_;
};

}  // namespace tidemark::promql
