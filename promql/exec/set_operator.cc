#include "promql/exec/set_operator.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "promql/exec/match_signature.h"

namespace tidemark::promql {

SetOperator::SetOperator(BinaryOp op, const VectorMatching& matching, OperatorPtr left,
                         OperatorPtr right)
    : Operator(left->times()),
      op_(op),
      matching_(matching),
      left_(std::move(left)),
      right_(std::move(right)) {}

absl::StatusOr<bool> SetOperator::Next(QueryContext& query, ColumnBatch& out) {
  if (op_ == BinaryOp::kOr) return NextOfUnion(query, out);
  while (!collected_all_) {
    const absl::StatusOr<bool> more = right_->Next(query, out);
    if (!more.ok()) return LeftmostError(query, *left_, more.status());
    for (size_t i = 0; *more && i < out.size(); ++i) {
      RETURN_IF_ERROR(Collect(query, out.header(i).labels, out.row(i)));
    }
    collected_all_ = !*more;
  }
  ASSIGN_OR_RETURN(const bool more, left_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    Restrict(out.header(i).labels, out.row(i), /*to_collected=*/op_ == BinaryOp::kAnd);
  }
  out.DropEmptyRows();
  return true;
}

absl::StatusOr<bool> SetOperator::NextOfUnion(QueryContext& query, ColumnBatch& out) {
  if (!collected_all_) {
    ASSIGN_OR_RETURN(const bool more, left_->Next(query, out));
    if (more) {
      for (size_t i = 0; i < out.size(); ++i) {
        RETURN_IF_ERROR(Collect(query, out.header(i).labels, out.row(i)));
      }
      return true;
    }
    collected_all_ = true;
  }
  ASSIGN_OR_RETURN(const bool more, right_->Next(query, out));
  if (!more) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    Restrict(out.header(i).labels, out.row(i), /*to_collected=*/false);
  }
  out.DropEmptyRows();  // or a chain of unions would carry along all that any of them left out
  return true;
}

absl::Status SetOperator::Collect(QueryContext& query, const LabelSet& labels, const StepRow& row) {
  constexpr size_t kBytesPerGroup = 128;
  const auto [found, added] = collected_.try_emplace(MatchSignature(labels, matching_));
  Bits& bits = found->second;
  if (added) {
    if (!held_) held_.emplace(query);
    RETURN_IF_ERROR(held_->Grow(
        0, kBytesPerGroup + found->first.bytes().size() + row.present.size() * sizeof(uint64_t)));
    bits.resize(row.present.size());
  }
  for (size_t w = 0; w < bits.size(); ++w) bits[w] |= row.present[w];
  return absl::OkStatus();
}

void SetOperator::Restrict(const LabelSet& labels, const StepRow& row, bool to_collected) const {
  const auto group = collected_.find(MatchSignature(labels, matching_));
  if (group == collected_.end()) {
    if (to_collected) std::fill(row.present.begin(), row.present.end(), 0);
    return row.DropAbsentHistograms();
  }
  for (size_t w = 0; w < row.present.size(); ++w) {
    row.present[w] &= to_collected ? group->second[w] : ~group->second[w];
  }
  row.DropAbsentHistograms();
}

}  // namespace tidemark::promql
