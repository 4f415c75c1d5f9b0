#include "promql/functions/extended_functions.h"

#include <algorithm>
#include <span>
#include <string>

#include "base/strings.h"
#include "promql/functions/changes.h"
#include "promql/functions/extended_histogram_rate.h"
#include "promql/functions/extended_rate.h"
#include "promql/functions/histogram_changes.h"

namespace tidemark::promql {
namespace {

// Ascending by name, as the error text lists them.
constexpr RangeFunction kAnchored[] = {
    {.name = "changes", .evaluate = AnchoredChanges, .evaluate_histograms = AnchoredChangesOfAll},
    {.name = "delta", .evaluate = AnchoredDelta, .evaluate_histograms = AnchoredHistogramDelta},
    {.name = "increase",
     .evaluate = AnchoredIncrease,
     .evaluate_histograms = AnchoredHistogramIncrease,
     .expects_counter = true},
    {.name = "rate",
     .evaluate = AnchoredRate,
     .evaluate_histograms = AnchoredHistogramRate,
     .expects_counter = true},
    {.name = "resets", .evaluate = AnchoredResets, .evaluate_histograms = AnchoredResetsOfAll},
};
constexpr RangeFunction kSmoothed[] = {
    {.name = "delta", .evaluate = SmoothedDelta, .evaluate_histograms = SmoothedHistogramDelta},
    {.name = "increase",
     .evaluate = SmoothedIncrease,
     .evaluate_histograms = SmoothedHistogramIncrease,
     .expects_counter = true},
    {.name = "rate",
     .evaluate = SmoothedRate,
     .evaluate_histograms = SmoothedHistogramRate,
     .expects_counter = true},
};

absl::StatusOr<const RangeFunction*> FindAmong(std::span<const RangeFunction> functions,
                                               std::string_view modifier, std::string_view name) {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const RangeFunction& f) { return f.name == name; });
  if (found != functions.end()) return &*found;
  std::string names;
  for (const RangeFunction& function : functions) {
    StrAppend(&names, names.empty() ? "" : ", ", function.name);
  }
  return absl::FailedPreconditionError(
      StrCat(modifier, " modifier can only be used with: ", names, " - not with ", name));
}

}  // namespace

absl::StatusOr<const RangeFunction*> FindRangeFunctionOver(VectorSelector::Extension extension,
                                                           std::string_view name) {
  switch (extension) {
    case VectorSelector::Extension::kAnchored:
      return FindAmong(kAnchored, "anchored", name);
    case VectorSelector::Extension::kSmoothed:
      return FindAmong(kSmoothed, "smoothed", name);
    case VectorSelector::Extension::kNone:
      break;
  }
  const RangeFunction* function = FindRangeFunction(name);
  if (function == nullptr) return absl::NotFoundError(StrCat("no range function ", name));
  return function;
}

}  // namespace tidemark::promql
