#include "promql/promqltest/unsupported_series.h"

#include <algorithm>
#include <string>

namespace tidemark::promql {
namespace {

// Whether pred(selector) holds for any vector selector below `expr`.
template <typename Pred>
bool AnySelector(const Expr* expr, const Pred& pred) {
  if (expr == nullptr) return false;
  const auto any = [&](const ExprPtr& e) { return AnySelector(e.get(), pred); };
  if (const auto* e = expr->As<VectorSelector>()) return pred(*e);
  if (const auto* e = expr->As<MatrixSelector>()) return any(e->vector);
  if (const auto* e = expr->As<Subquery>()) return any(e->expr);
  if (const auto* e = expr->As<ParenExpr>()) return any(e->expr);
  if (const auto* e = expr->As<UnaryExpr>()) return any(e->expr);
  if (const auto* e = expr->As<BinaryExpr>()) return any(e->left) || any(e->right);
  if (const auto* e = expr->As<AggregateExpr>()) return any(e->expr) || any(e->param);
  if (const auto* e = expr->As<Call>()) return std::any_of(e->args.begin(), e->args.end(), any);
  return false;
}

// The native histogram that load_with_nhcb makes of a classic one has its name and no `le`.
LabelSet CustomBucketsOf(const LabelSet& bucket, std::string_view suffix) {
  LabelSetBuilder labels(bucket);
  std::string name(bucket.metric_name());
  name.resize(name.size() - suffix.size());
  labels.Set(kMetricName, name);
  labels.Delete("le");
  return labels.Build();
}

}  // namespace

void UnsupportedSeries::Add(const LoadCommand& load) {
  constexpr std::string_view kBucket = "_bucket";
  for (const SeriesLine& line : load.series) {
    if (line.unsupported) series_.push_back(line.labels);
    if (load.with_custom_buckets && line.labels.metric_name().ends_with(kBucket)) {
      series_.push_back(CustomBucketsOf(line.labels, kBucket));
    }
  }
}

bool UnsupportedSeries::AnySelectedBy(const Expr& expr) const {
  return AnySelector(&expr, [&](const VectorSelector& s) { return AnyMatches(s); });
}

bool UnsupportedSeries::AnyMatches(const VectorSelector& selector) const {
  return std::any_of(series_.begin(), series_.end(), [&](const LabelSet& labels) {
    return std::all_of(selector.matchers.begin(), selector.matchers.end(),
                       [&](const LabelMatcher& m) { return m.Matches(labels); });
  });
}

}  // namespace tidemark::promql
