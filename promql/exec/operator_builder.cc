#include "promql/exec/operator_builder.h"

#include <numbers>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "promql/exec/absent_operator.h"
#include "promql/exec/element_operator.h"
#include "promql/exec/extended_range.h"
#include "promql/exec/failing_operator.h"
#include "promql/exec/float_drop.h"
#include "promql/exec/histogram_fraction.h"
#include "promql/exec/histogram_quantile.h"
#include "promql/exec/histogram_value.h"
#include "promql/exec/info_join.h"
#include "promql/exec/instant_selector.h"
#include "promql/exec/label_operator.h"
#include "promql/exec/label_sort_operator.h"
#include "promql/exec/range_function_operator.h"
#include "promql/exec/scalar_extreme.h"
#include "promql/exec/scalar_operators.h"
#include "promql/exec/sort_operator.h"
#include "promql/exec/stored_range.h"
#include "promql/exec/subquery_range.h"
#include "promql/exec/table_operators.h"
#include "promql/functions/extended_functions.h"
#include "promql/functions/label_functions.h"
#include "promql/plan/metric_names.h"
#include "promql/plan/windows.h"

namespace tidemark::promql {
namespace {

using Extension = VectorSelector::Extension;

constexpr size_t kBytesPerSeries = 64;  // that a selection keeps of what it has found

Extension ExtensionOf(const PlanNode& range) {
  const auto* select = range.As<SelectNode>();
  return select == nullptr ? Extension::kNone : select->window.extension;
}

// The labels of absent(): those whose last matcher in the selector is their only `=`.
LabelSet LabelsOfAbsent(const PlanNode& argument) {
  const auto* select = argument.As<SelectNode>();
  LabelSetBuilder labels;
  if (select == nullptr) return labels.Build();
  StringSet seen;
  for (const LabelMatcher& matcher : select->matchers) {
    if (matcher.name() == kMetricName) continue;
    const bool fixed = matcher.op() == MatchOp::kEqual && seen.insert(matcher.name()).second;
    labels.Set(matcher.name(), fixed ? matcher.value() : "");
  }
  return labels.Build();
}

// The arguments that are strings.
std::vector<std::string> TextArguments(const PlanNode& call) {
  std::vector<std::string> arguments;
  for (const PlanNodePtr& input : call.inputs) {
    if (const auto* text = input->As<TextNode>()) arguments.push_back(text->value);
  }
  return arguments;
}

// Of the second input of info(), which may be evaluated once for all steps.
const std::vector<LabelMatcher>& InfoMatchers(const PlanNode& node) {
  const auto* select = node.As<SelectNode>();
  return select != nullptr ? select->matchers : node.inputs[0]->As<SelectNode>()->matchers;
}

}  // namespace

absl::StatusOr<OperatorBuilder> OperatorBuilder::Open(const Plan& plan,
                                                      const tsdb::Querier& querier,
                                                      QueryContext& query) {
  OperatorBuilder builder(query);
  for (const Selection& selection : plan.selections) {
    RETURN_IF_ERROR(query.CheckCancelled());
    ASSIGN_OR_RETURN(builder.selections_.emplace_back(),
                     querier.Select(selection.matchers, selection.range));
    RETURN_IF_ERROR(builder.held_->Grow(0, builder.selections_.back()->size() * kBytesPerSeries));
  }
  return builder;
}

absl::StatusOr<OperatorPtr> OperatorBuilder::Build(const PlanNode& node) const {
  RETURN_IF_ERROR(held_->Grow(0, ColumnBatch::MaxBytes(node.times.num_steps())));
  if (const auto* constant = node.As<ConstantNode>()) {
    return StepValues::Constant(node.times, constant->value);
  }
  if (const auto* select = node.As<SelectNode>()) return BuildNode(node, *select);
  if (const auto* binary = node.As<BinaryNode>()) return BuildNode(node, *binary);
  if (const auto* aggregate = node.As<AggregateNode>()) return BuildNode(node, *aggregate);
  if (const auto* call = node.As<CallNode>()) return BuildNode(node, *call);
  if (node.As<StepInvariantNode>() != nullptr) {
    ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
    return std::make_unique<StepInvariantOperator>(node.times, std::move(input));
  }
  if (node.As<NegateNode>() != nullptr) {
    ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
    return MergeAfterNameLoss(std::make_unique<NegateOperator>(std::move(input)), *node.inputs[0]);
  }
  return absl::InternalError("no operator for this part of the plan");
}

absl::StatusOr<RangeSourcePtr> OperatorBuilder::BuildRange(const PlanNode& node) const {
  if (const auto* select = node.As<SelectNode>()) {
    return std::make_unique<StoredRange>(SelectWindows(node, *select),
                                         selections_[select->selection], select->kept_labels,
                                         select->finds_resets);
  }
  const auto* subquery = node.As<SubqueryNode>();
  if (subquery == nullptr) return absl::InternalError("no range source for this part of the plan");
  OperatorPtr input;
  if (subquery->has_steps) {
    ASSIGN_OR_RETURN(input, Build(*node.inputs[0]));
  }
  return std::make_unique<SubqueryRange>(WindowsOf(node.times, subquery->window, 0),
                                         std::move(input));
}

absl::StatusOr<RangeSourcePtr> OperatorBuilder::BuildRangeResult(const PlanNode& node) const {
  ASSIGN_OR_RETURN(RangeSourcePtr range, BuildRange(node));
  const Extension extension = ExtensionOf(node);
  if (extension == Extension::kNone) return range;
  return std::make_unique<ExtendedRange>(std::move(range), extension == Extension::kSmoothed);
}

RangeWindows OperatorBuilder::SelectWindows(const PlanNode& node, const SelectNode& select) const {
  return WindowsOf(node.times, select.window, query_->options().lookback_delta);
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildNode(const PlanNode& node,
                                                       const SelectNode& select) const {
  using Gives = InstantSelector::Gives;
  Gives gives = Gives::kValue;
  if (select.window.extension == Extension::kSmoothed) gives = Gives::kSmoothedValue;
  if (select.gives_times) gives = Gives::kTimestampOfInfo;
  return std::make_unique<InstantSelector>(
      SelectWindows(node, select), selections_[select.selection], gives, select, node.source);
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildNode(const PlanNode& node,
                                                       const CallNode& call) const {
  const std::string_view name = call.function->name;
  if (const ElementFunction* function = FindElementFunction(name)) {
    if (node.inputs.empty()) {
      return std::make_unique<ElementOperator>(*function, StepValues::Time(node.times),
                                               std::vector<OperatorPtr>());
    }
    ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
    ASSIGN_OR_RETURN(std::vector<OperatorPtr> parameters, BuildInputs(node, 1));
    return MergeAfterNameLoss(
        std::make_unique<ElementOperator>(*function, std::move(input), std::move(parameters)),
        *node.inputs[0]);
  }
  if (FindRangeFunction(name) != nullptr) return BuildRangeCall(node, name);
  return BuildSpecialCall(node, name);
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildRangeCall(const PlanNode& node,
                                                            std::string_view name) const {
  RangeSourcePtr range;
  const PlanNode* range_node = nullptr;
  const PlanNode* parameter_node = node.inputs[0].get();
  std::vector<OperatorPtr> parameters;
  for (const PlanNodePtr& input : node.inputs) {
    if (input->type == ValueType::kMatrix) {
      ASSIGN_OR_RETURN(range, BuildRange(*input));
      range_node = input.get();
    } else {
      if (parameters.empty()) parameter_node = input.get();
      ASSIGN_OR_RETURN(parameters.emplace_back(), Build(*input));
    }
  }
  const auto found = FindRangeFunctionOver(ExtensionOf(*range_node), name);
  if (!found.ok()) return std::make_unique<FailingOperator>(node.times, found.status());
  const RangeFunction* function = *found;
  const bool is_distinct = function->keeps_metric_name || IsDistinct(*range_node, *range);
  auto op =
      std::make_unique<RangeFunctionOperator>(*function, std::move(range), std::move(parameters),
                                              range_node->source, parameter_node->source);
  if (is_distinct) return op;
  return MergeAfterNameLoss(std::move(op), *range_node);
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildSpecialCall(const PlanNode& node,
                                                              std::string_view name) const {
  if (name == "time") return StepValues::Time(node.times);
  if (name == "pi") return StepValues::Constant(node.times, std::numbers::pi);
  if (name == "vector") return Build(*node.inputs[0]);  // a scalar is a series without labels
  if (name == "timestamp" || name == "start_timestamp") {
    return BuildTimestamp(*node.inputs[0], /*of_start=*/name == "start_timestamp");
  }
  if (name == "absent") return BuildAbsent(*node.inputs[0], /*over_time=*/false);
  if (name == "absent_over_time") return BuildAbsent(*node.inputs[0], /*over_time=*/true);
  if (name == "label_replace" || name == "label_join") return BuildLabelCall(node, name);
  if (name == "sort_by_label" || name == "sort_by_label_desc") {
    ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
    return std::make_unique<LabelSortOperator>(std::move(input), TextArguments(node),
                                               name == "sort_by_label_desc", node.source);
  }
  if (name == "info") {
    ASSIGN_OR_RETURN(std::vector<OperatorPtr> inputs, BuildInputs(node, 0));
    return std::make_unique<InfoJoin>(std::move(inputs[0]), std::move(inputs[1]),
                                      InfoMatchers(*node.inputs[1]));
  }
  if (name == "scalar") {
    ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
    return std::make_unique<ScalarOfVector>(std::move(input));
  }
  if (name == "min_of" || name == "max_of") {
    ASSIGN_OR_RETURN(OperatorPtr left, Build(*node.inputs[0]));
    ASSIGN_OR_RETURN(OperatorPtr right, Build(*node.inputs[1]));
    using Which = ScalarExtreme::Which;
    return std::make_unique<ScalarExtreme>(name == "min_of" ? Which::kLeast : Which::kGreatest,
                                           std::move(left), std::move(right));
  }
  if (name == "sort" || name == "sort_desc") {
    ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
    return std::make_unique<SortOperator>(std::move(input), name == "sort_desc", node.source);
  }
  if (name.starts_with("histogram_")) return BuildHistogramCall(node, name);
  return absl::InternalError(StrCat("no operator for function ", name));
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildHistogramCall(const PlanNode& node,
                                                                std::string_view name) const {
  const bool several = name == "histogram_quantiles";
  if (several || name == "histogram_quantile") {
    const PlanNode& buckets = *node.inputs[several ? 0 : 1];
    std::vector<HistogramQuantile::Quantile> quantiles;
    for (const PlanNodePtr& input : node.inputs) {
      if (input->type != ValueType::kScalar) continue;
      ASSIGN_OR_RETURN(OperatorPtr value, Build(*input));
      quantiles.push_back({std::move(value), input->source});
    }
    ASSIGN_OR_RETURN(OperatorPtr input, Build(buckets));
    return std::make_unique<HistogramQuantile>(std::move(quantiles),
                                               several ? TextArguments(node)[0] : std::string(),
                                               std::move(input), buckets.source);
  }
  ASSIGN_OR_RETURN(std::vector<OperatorPtr> inputs, BuildInputs(node, 0));
  if (name == "histogram_fraction") {
    return std::make_unique<HistogramFraction>(std::move(inputs[0]), std::move(inputs[1]),
                                               std::move(inputs[2]), node.inputs[2]->source);
  }
  return MergeAfterNameLoss(
      std::make_unique<HistogramValueOperator>(FindHistogramValue(name), std::move(inputs[0])),
      *node.inputs[0]);
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildTimestamp(const PlanNode& argument,
                                                            bool of_start) const {
  OperatorPtr op;
  if (const auto* select = argument.As<SelectNode>()) {
    op = std::make_unique<InstantSelector>(
        SelectWindows(argument, *select), selections_[select->selection],
        of_start ? InstantSelector::Gives::kStartTimestamp : InstantSelector::Gives::kTimestamp,
        *select, argument.source);
  } else {
    ASSIGN_OR_RETURN(OperatorPtr input, Build(argument));
    if (of_start) return std::make_unique<FloatDrop>(std::move(input));  // it has none
    op = std::make_unique<EvaluationTimeOperator>(std::move(input));
  }
  return MergeAfterNameLoss(std::move(op), argument);
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildAbsent(const PlanNode& argument,
                                                         bool over_time) const {
  OperatorPtr input;
  if (over_time) {
    const Extension extension = ExtensionOf(argument);
    if (extension != Extension::kNone) {
      return std::make_unique<FailingOperator>(
          argument.times, FindRangeFunctionOver(extension, "absent_over_time").status());
    }
    ASSIGN_OR_RETURN(RangeSourcePtr range, BuildRange(argument));
    input = std::make_unique<RangeFunctionOperator>(*FindRangeFunction("present_over_time"),
                                                    std::move(range), std::vector<OperatorPtr>(),
                                                    argument.source, SourceRange());
  } else {
    ASSIGN_OR_RETURN(input, Build(argument));
  }
  return std::make_unique<AbsentOperator>(std::move(input), LabelsOfAbsent(argument));
}

absl::StatusOr<OperatorPtr> OperatorBuilder::BuildLabelCall(const PlanNode& node,
                                                            std::string_view name) const {
  const std::vector<std::string> arguments = TextArguments(node);
  absl::StatusOr<LabelChange> change =
      name == "label_join" ? LabelJoin(arguments) : LabelReplace(arguments);
  if (!change.ok()) return std::make_unique<FailingOperator>(node.times, change.status());
  ASSIGN_OR_RETURN(OperatorPtr input, Build(*node.inputs[0]));
  return std::make_unique<MergeOperator>(
      std::make_unique<LabelOperator>(std::move(input), *std::move(change)));
}

absl::StatusOr<std::vector<OperatorPtr>> OperatorBuilder::BuildInputs(const PlanNode& node,
                                                                      size_t first) const {
  std::vector<OperatorPtr> inputs;
  for (size_t i = first; i < node.inputs.size(); ++i) {
    ASSIGN_OR_RETURN(inputs.emplace_back(), Build(*node.inputs[i]));
  }
  return inputs;
}

// Whether the series of `range` stay different when their names go. Where they may not, they keep
// all their labels.
bool OperatorBuilder::IsDistinct(const PlanNode& node, RangeSource& range) const {
  if (query_->options().delayed_name_removal || !MayHaveSeveralNames(node)) return true;
  auto* stored = dynamic_cast<StoredRange*>(&range);
  if (stored == nullptr) return false;
  if (stored->DistinctWithoutNames(*query_)) return true;
  stored->KeepAllLabels();
  return false;
}

OperatorPtr OperatorBuilder::MergeAfterNameLoss(OperatorPtr op, const PlanNode& input) const {
  if (query_->options().delayed_name_removal || !MayHaveSeveralNames(input)) return op;
  return std::make_unique<MergeOperator>(std::move(op));
}

}  // namespace tidemark::promql
