#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "promql/exec/binary_function.h"
#include "promql/exec/histogram_binary.h"
#include "promql/exec/operator.h"
#include "promql/exec/series_table.h"

namespace tidemark::promql {

// Arithmetic and comparison between two vectors. The side of which each match group may have one
// sample at a step (the right one, the left one under group_right) is kept; the other, "many", side
// streams past it. Matching is step by step: series of one group may take turns.
// Where one side has no sample of a match group, a fill value stands in for it, under the group's
// labels. As in Prometheus fill_left is for the "many" side and fill_right for the other one, so
// that under group_right they are not for the sides where they are written.
//   FailedPrecondition  Prometheus's errors for what does not match as the query says: that of the
//                       earliest step, and only once both sides have been read without errors
class VectorJoin : public Operator {
 public:
  // `matching` is not kManyToMany and outlives this.
  // `source`: where it stands in the query.
  VectorJoin(BinaryRule rule, const VectorMatching& matching, OperatorPtr left, OperatorPtr right,
             SourceRange source);

  absl::StatusOr<bool> Next(QueryContext& query, ColumnBatch& out) override;

 private:
  using Bits = std::vector<uint64_t>;
  // The series of the "one" side with equal signatures; none where only the "many" side has them.
  struct Group {
    std::vector<size_t> members;  // rows of one_
    Bits twice;                   // steps where two of them have a value; empty for one member
    // Steps at which a sample of the "many" side was matched: of the whole group in one-to-one
    // matching, else by the labels of the result.
    Bits matched;
    absl::flat_hash_map<LabelSet, Bits> matched_by_result;
    Bits paired;  // steps at which the "many" side has a sample; kept where it is filled
  };

  // What can be wrong at a step; of several the first is reported.
  enum class Fault {
    // Two samples of one group, of whatever group, at a step at which the other side has any
    // sample.
    kTwiceOnOneSide,
    kManyToOne,   // in one-to-one matching
    kSameResult,  // two samples with equal labels in the result
  };

  absl::Status OpenOneSide(QueryContext& query);
  void FindTwice(Group& group);
  // Keeps the earliest; no fault where `step` is none.
  void NoteFault(size_t step, Fault fault);
  // The error of the fault, or false.
  absl::StatusOr<bool> FaultError() const;
  // Of the groups with two samples at `step` the first, so that the text is always the same.
  const Group& FirstTwiceAt(size_t step) const;
  absl::Status DuplicateError(size_t step) const;
  // Null where there is none and none is needed.
  absl::StatusOr<Group*> FindGroup(const LabelSet& many);
  absl::Status Match(QueryContext& query, const SeriesHeader& many_header, const StepRow& many,
                     Group& group, ColumnBatch& out);
  // Adds the result of two rows at the given steps, at which both have values.
  absl::Status Emit(QueryContext& query, const SeriesHeader& many_header,
                    const LabelSet& one_labels, const StepRow& many, const StepRow& one,
                    const Bits& steps, Group& group, ColumnBatch& out);
  // The next of what the "one" side has and the "many" side does not.
  absl::StatusOr<bool> NextUnmatched(QueryContext& query, ColumnBatch& out);
  // Adds `steps` to `matched`; `if_again` where one was there already.
  void MarkMatched(std::span<const uint64_t> steps, Fault if_again, Bits& matched);
  LabelSet ResultLabels(const LabelSet& many, const LabelSet& one) const;
  // Sets or clears the steps that `out` has and `histogram_steps` has not.
  void Compute(const StepRow& many, const StepRow& one, const Bits& histogram_steps,
               const StepRow& out) const;
  // Sets or clears those of the steps that `out` has at which a side has a histogram, and gives
  // them; empty where there are none. What a comparison filters out stays in `out` and is added to
  // `filtered`.
  Bits ComputeHistograms(QueryContext& query, const StepRow& many, const StepRow& one,
                         const StepRow& out, Bits& filtered);
  bool one_side_is_left() const {
    return matching_.cardinality == VectorMatching::Cardinality::kOneToMany;
  }

  const BinaryRule rule_;
  HistogramBinary histograms_;
  const VectorMatching& matching_;
  const OperatorPtr many_input_, one_input_;
  std::optional<SeriesTable> one_;
  absl::flat_hash_map<LabelSet, Group> groups_;
  std::optional<MemoryReservation> held_;  // for groups_; made with one_
  Bits any_twice_;     // steps at which some group has two samples on the "one" side
  size_t fault_step_;  // beyond all steps where there is no fault
  Fault fault_ = Fault::kSameResult;
  ColumnBatch many_;
  bool many_done_ = false;
  size_t next_unmatched_ = 0;         // a row of one_
  ColumnBatch many_fill_, one_fill_;  // one row each: the fill value of that side at every step
};

}  // namespace tidemark::promql
