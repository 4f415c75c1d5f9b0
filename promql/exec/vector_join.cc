#include "promql/exec/vector_join.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/match_signature.h"
#include "promql/exec/metric_name.h"

namespace tidemark::promql {
namespace {

using Cardinality = VectorMatching::Cardinality;

OperatorPtr& ManySide(const VectorMatching& matching, OperatorPtr& left, OperatorPtr& right) {
  return matching.cardinality == Cardinality::kOneToMany ? right : left;
}
OperatorPtr& OneSide(const VectorMatching& matching, OperatorPtr& left, OperatorPtr& right) {
  return matching.cardinality == Cardinality::kOneToMany ? left : right;
}

constexpr size_t kBytesPerGroup = 256;  // beside its labels and bits
constexpr size_t kNone = std::numeric_limits<size_t>::max();

// The lowest bit that both have, or kNone. `all` may be empty.
size_t FirstCommonBit(std::span<const uint64_t> all, std::span<const uint64_t> bits) {
  for (size_t w = 0; w < all.size(); ++w) {
    const uint64_t common = all[w] & bits[w];
    if (common != 0) return w * 64 + static_cast<size_t>(std::countr_zero(common));
  }
  return kNone;
}

void AddBits(std::span<const uint64_t> bits, std::vector<uint64_t>& all) {
  all.resize(bits.size());
  for (size_t w = 0; w < bits.size(); ++w) all[w] |= bits[w];
}

// A row that has `value` wherever it is looked at, kept in `room`.
StepRow FillRow(double value, size_t num_steps, ColumnBatch& room) {
  if (room.empty()) {
    room.Reset(num_steps);
    const StepRow row = room.Add({});
    std::fill(row.values.begin(), row.values.end(), value);
  }
  return room.row(0);
}

}  // namespace

VectorJoin::VectorJoin(BinaryRule rule, const VectorMatching& matching, OperatorPtr left,
                       OperatorPtr right, SourceRange source)
    : Operator(left->times()),
      rule_(rule),
      histograms_(rule, source),
      matching_(matching),
      many_input_(std::move(ManySide(matching, left, right))),
      one_input_(std::move(OneSide(matching, left, right))),
      any_twice_(PresenceWords(num_steps())),
      fault_step_(kNone) {}

absl::StatusOr<bool> VectorJoin::Next(QueryContext& query, ColumnBatch& out) {
  if (!one_) RETURN_IF_ERROR(OpenOneSide(query));
  while (!many_done_) {
    ASSIGN_OR_RETURN(const bool more, many_input_->Next(query, many_));
    many_done_ = !more;
    if (!more) break;
    out.Reset(num_steps());
    // Nothing can match, and nothing is at fault.
    if (one_->size() == 0 && !matching_.fill_right) continue;
    for (size_t i = 0; i < many_.size(); ++i) {
      constexpr size_t kRowsPerCheck = 16;  // each of which may meet all of the other side
      if (i % kRowsPerCheck == 0) RETURN_IF_ERROR(query.CheckCancelled());
      const StepRow many = many_.row(i);
      NoteFault(FirstCommonBit(any_twice_, many.present), Fault::kTwiceOnOneSide);
      ASSIGN_OR_RETURN(Group* const group, FindGroup(many_.header(i).labels));
      if (group == nullptr) continue;
      RETURN_IF_ERROR(Match(query, many_.header(i), many, *group, out));
    }
    if (fault_step_ == kNone) return true;
  }
  if (fault_step_ != kNone) return FaultError();
  return NextUnmatched(query, out);
}

absl::StatusOr<bool> VectorJoin::NextUnmatched(QueryContext& query, ColumnBatch& out) {
  if (!matching_.fill_left || next_unmatched_ == one_->size()) return false;
  RETURN_IF_ERROR(query.CheckCancelled());
  out.Reset(num_steps());
  const StepRow fill = FillRow(*matching_.fill_left, num_steps(), many_fill_);
  for (; next_unmatched_ < one_->size() && out.size() < out.max_series(); ++next_unmatched_) {
    const StepRow one = one_->row(next_unmatched_);
    const LabelSet& labels = one_->header(next_unmatched_).labels;
    LabelSet signature = MatchSignature(labels, matching_);
    Group& group = groups_[signature];
    Bits steps(one.present.begin(), one.present.end());
    for (size_t w = 0; w < group.paired.size(); ++w) steps[w] &= ~group.paired[w];
    RETURN_IF_ERROR(Emit(query, {std::move(signature)}, labels, fill, one, steps, group, out));
  }
  return true;
}

absl::StatusOr<VectorJoin::Group*> VectorJoin::FindGroup(const LabelSet& many) {
  LabelSet signature = MatchSignature(many, matching_);
  const auto found = groups_.find(signature);
  if (found != groups_.end()) return &found->second;
  if (!matching_.fill_right) return nullptr;
  RETURN_IF_ERROR(held_->Grow(0, kBytesPerGroup + signature.bytes().size()));
  return &groups_[std::move(signature)];
}

absl::Status VectorJoin::OpenOneSide(QueryContext& query) {
  one_.emplace(query, num_steps());
  absl::Status status = one_->AddAll(query, *one_input_);
  if (!status.ok()) {
    return one_side_is_left() ? status : LeftmostError(query, *many_input_, std::move(status));
  }
  held_.emplace(query);
  for (size_t i = 0; i < one_->size(); ++i) {
    LabelSet signature = MatchSignature(one_->header(i).labels, matching_);
    RETURN_IF_ERROR(held_->Grow(
        0, kBytesPerGroup + signature.bytes().size() + 2 * any_twice_.size() * sizeof(uint64_t)));
    groups_[std::move(signature)].members.push_back(i);
  }
  for (auto& [signature, group] : groups_) FindTwice(group);
  // Filling looks at every step, not only at those that the other side has.
  if (matching_.fill_left || matching_.fill_right) {
    NoteFault(FirstCommonBit(any_twice_, any_twice_), Fault::kTwiceOnOneSide);
  }
  return absl::OkStatus();
}

void VectorJoin::FindTwice(Group& group) {
  if (group.members.size() == 1) return;
  Bits seen(any_twice_.size());
  group.twice.resize(any_twice_.size());
  for (const size_t member : group.members) {
    const StepRow row = one_->row(member);
    for (size_t w = 0; w < seen.size(); ++w) {
      group.twice[w] |= seen[w] & row.present[w];
      seen[w] |= row.present[w];
    }
  }
  for (size_t w = 0; w < seen.size(); ++w) any_twice_[w] |= group.twice[w];
}

void VectorJoin::NoteFault(size_t step, Fault fault) {
  if (step > fault_step_ || (step == fault_step_ && fault > fault_)) return;
  fault_step_ = step;
  fault_ = fault;
}

absl::StatusOr<bool> VectorJoin::FaultError() const {
  if (fault_step_ == kNone) return false;
  switch (fault_) {
    case Fault::kTwiceOnOneSide:
      return DuplicateError(fault_step_);
    case Fault::kManyToOne:
      return absl::FailedPreconditionError(
          "multiple matches for labels: many-to-one matching must be explicit "
          "(group_left/group_right)");
    case Fault::kSameResult:
      break;
  }
  return absl::FailedPreconditionError(
      "multiple matches for labels: grouping labels must ensure unique matches");
}

const VectorJoin::Group& VectorJoin::FirstTwiceAt(size_t step) const {
  const Group* first = nullptr;
  for (const auto& [signature, group] : groups_) {
    const bool hit = !group.twice.empty() && (group.twice[step / 64] >> (step % 64) & 1) != 0;
    if (hit && (first == nullptr || group.members[0] < first->members[0])) first = &group;
  }
  return *first;
}

absl::Status VectorJoin::DuplicateError(size_t step) const {
  const Group& group = FirstTwiceAt(step);
  std::vector<LabelSet> present;
  for (const size_t member : group.members) {
    if (one_->row(member).Has(step)) present.push_back(one_->header(member).labels);
  }
  std::sort(present.begin(), present.end());
  const LabelSet match_group = MatchSignature(present[0], matching_);
  return absl::FailedPreconditionError(
      StrCat("found duplicate series for the match group ", LabelsText(match_group), " on the ",
             one_side_is_left() ? "left" : "right", " hand-side of the operation: [",
             LabelsText(present[0]), ", ", LabelsText(present[1]),
             "];many-to-many matching not allowed: matching labels must be unique on one side"));
}

absl::Status VectorJoin::Match(QueryContext& query, const SeriesHeader& many_header,
                               const StepRow& many, Group& group, ColumnBatch& out) {
  if (matching_.fill_left) AddBits(many.present, group.paired);
  Bits alone(many.present.begin(), many.present.end());
  for (const size_t member : group.members) {
    const StepRow one = one_->row(member);
    Bits both(many.present.begin(), many.present.end());
    for (size_t w = 0; w < both.size(); ++w) {
      both[w] &= one.present[w];
      alone[w] &= ~one.present[w];
    }
    RETURN_IF_ERROR(
        Emit(query, many_header, one_->header(member).labels, many, one, both, group, out));
  }
  if (!matching_.fill_right) return absl::OkStatus();
  return Emit(query, many_header, MatchSignature(many_header.labels, matching_), many,
              FillRow(*matching_.fill_right, num_steps(), one_fill_), alone, group, out);
}

absl::Status VectorJoin::Emit(QueryContext& query, const SeriesHeader& many_header,
                              const LabelSet& one_labels, const StepRow& many, const StepRow& one,
                              const Bits& steps, Group& group, ColumnBatch& out) {
  const auto is_zero = [](uint64_t word) { return word == 0; };
  if (std::all_of(steps.begin(), steps.end(), is_zero)) return absl::OkStatus();
  SeriesHeader header = {ResultLabels(many_header.labels, one_labels), many_header.drop_name};
  if (rule_.return_bool) LoseMetricName(query, header);
  const StepRow row = out.Add(std::move(header));
  std::copy(steps.begin(), steps.end(), row.present.begin());
  Bits filtered;
  const Bits histogram_steps = ComputeHistograms(query, many, one, row, filtered);
  // What a comparison filters out is a match one to one, and none where a side is grouped.
  if (matching_.cardinality == Cardinality::kOneToOne) {
    MarkMatched(row.present, Fault::kManyToOne, group.matched);
  }
  for (size_t w = 0; w < filtered.size(); ++w) row.present[w] &= ~filtered[w];
  Compute(many, one, histogram_steps, row);
  if (matching_.cardinality != Cardinality::kOneToOne) {
    const LabelSet& labels = out.header(out.size() - 1).labels;
    const auto [matched, added] = group.matched_by_result.try_emplace(labels);
    if (added) {
      RETURN_IF_ERROR(
          held_->Grow(0, kBytesPerGroup + labels.bytes().size() + steps.size() * sizeof(uint64_t)));
    }
    MarkMatched(row.present, Fault::kSameResult, matched->second);
  }
  return absl::OkStatus();
}

void VectorJoin::MarkMatched(std::span<const uint64_t> steps, Fault if_again, Bits& matched) {
  NoteFault(FirstCommonBit(matched, steps), if_again);
  AddBits(steps, matched);
}

LabelSet VectorJoin::ResultLabels(const LabelSet& many, const LabelSet& one) const {
  const bool keeps_name = IsComparison(rule_.op) || IsTrim(rule_.op);
  LabelSet labels = keeps_name ? many : WithoutMetricName(many);
  if (matching_.cardinality == Cardinality::kOneToOne) {
    labels =
        matching_.on ? KeepLabels(labels, matching_.labels) : DropLabels(labels, matching_.labels);
  }
  if (matching_.include.empty()) return labels;
  LabelSetBuilder builder(labels);
  for (const std::string& name : matching_.include) builder.Set(name, one.Get(name));
  return builder.Build();
}

VectorJoin::Bits VectorJoin::ComputeHistograms(QueryContext& query, const StepRow& many,
                                               const StepRow& one, const StepRow& out,
                                               Bits& filtered) {
  if (!many.HasHistograms() && !one.HasHistograms() && !IsTrim(rule_.op)) return {};
  const StepRow& left = one_side_is_left() ? one : many;
  const StepRow& right = one_side_is_left() ? many : one;
  Bits done(out.present.size());
  filtered.resize(out.present.size());
  out.ForEach([&](size_t step) {
    const HistogramBinary::Operand left_operand(left, step), right_operand(right, step);
    if (!histograms_.IsFor(left_operand, right_operand)) return;
    const uint64_t bit = uint64_t{1} << (step % 64);
    done[step / 64] |= bit;
    if (histograms_.Evaluate(query, left_operand, right_operand, out, step) !=
        HistogramBinary::Outcome::kFiltered) {
      return;
    }
    filtered[step / 64] |= bit;
    out.Set(step, 0);
  });
  return done;
}

void VectorJoin::Compute(const StepRow& many, const StepRow& one, const Bits& histogram_steps,
                         const StepRow& out) const {
  if (IsTrim(rule_.op)) return;
  const StepRow& left = one_side_is_left() ? one : many;
  const StepRow& right = one_side_is_left() ? many : one;
  const bool mixed = !histogram_steps.empty();
  WithBinaryFunction(rule_.op, [&](auto function) {
    out.ForEach([&](size_t step) {
      if (mixed && (histogram_steps[step / 64] >> (step % 64) & 1) != 0) return;
      const auto result = function(left.values[step], right.values[step]);
      if (!rule_.IsFilter()) {
        out.values[step] = result;
      } else if (result) {
        out.values[step] = left.values[step];
      } else {
        out.Clear(step);
      }
    });
  });
}

}  // namespace tidemark::promql
