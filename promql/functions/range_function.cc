#include "promql/functions/range_function.h"

#include <algorithm>
#include <iterator>

#include "promql/functions/changes.h"
#include "promql/functions/double_exponential_smoothing.h"
#include "promql/functions/histogram_changes.h"
#include "promql/functions/histogram_over_time.h"
#include "promql/functions/histogram_rate.h"
#include "promql/functions/order_statistics.h"
#include "promql/functions/over_time.h"
#include "promql/functions/rate.h"
#include "promql/functions/regression.h"
#include "promql/functions/sample_times.h"
#include "promql/functions/totals.h"

namespace tidemark::promql {
namespace {

constexpr RangeFunction kFunctions[] = {
    {.name = "avg_over_time",
     .evaluate = AvgOverTime,
     .of_totals = AvgOfTotals,
     .evaluate_histograms = AvgHistogramsOverTime},
    {.name = "changes", .evaluate = Changes, .evaluate_histograms = ChangesOfAll},
    {.name = "count_over_time",
     .evaluate = CountOverTime,
     .of_totals = CountOfTotals,
     .evaluate_histograms = CountAllOverTime},
    {.name = "delta",
     .evaluate = Delta,
     .of_totals = DeltaOfTotals,
     .evaluate_histograms = HistogramDelta},
    {.name = "deriv", .evaluate = Derivative, .evaluate_histograms = IgnoreHistograms},
    {.name = "double_exponential_smoothing",
     .evaluate = DoubleExponentialSmoothing,
     .evaluate_histograms = IgnoreHistograms,
     .check_parameters = CheckSmoothingFactors},
    {.name = "first_over_time",
     .evaluate = FirstOverTime,
     .of_totals = FirstOfTotals,
     .evaluate_histograms = FirstOfAllOverTime,
     .keeps_metric_name = true},
    {.name = "idelta", .evaluate = InstantDelta, .evaluate_histograms = HistogramInstantDelta},
    {.name = "increase",
     .evaluate = Increase,
     .of_totals = IncreaseOfTotals,
     .evaluate_histograms = HistogramIncrease,
     .expects_counter = true,
     .uses_starts = true},
    {.name = "irate", .evaluate = InstantRate, .evaluate_histograms = HistogramInstantRate},
    {.name = "last_over_time",
     .evaluate = LastOverTime,
     .of_totals = LastOfTotals,
     .evaluate_histograms = LastOfAllOverTime,
     .keeps_metric_name = true},
    {.name = "mad_over_time",
     .evaluate = MedianAbsoluteDeviation,
     .evaluate_histograms = IgnoreHistograms},
    {.name = "max_over_time",
     .evaluate = MaxOverTime,
     .of_totals = MaxOfTotals,
     .evaluate_histograms = IgnoreHistograms},
    {.name = "min_over_time",
     .evaluate = MinOverTime,
     .of_totals = MinOfTotals,
     .evaluate_histograms = IgnoreHistograms},
    {.name = "predict_linear", .evaluate = PredictLinear, .evaluate_histograms = IgnoreHistograms},
    {.name = "present_over_time",
     .evaluate = PresentOverTime,
     .of_totals = PresenceOfTotals,
     .evaluate_histograms = AnyPresentOverTime},
    {.name = "quantile_over_time",
     .evaluate = QuantileOverTime,
     .evaluate_histograms = IgnoreHistograms,
     .takes_quantile = true},
    {.name = "rate",
     .evaluate = Rate,
     .of_totals = RateOfTotals,
     .evaluate_histograms = HistogramRate,
     .expects_counter = true,
     .uses_starts = true},
    {.name = "resets", .evaluate = Resets, .evaluate_histograms = ResetsOfAll},
    {.name = "stddev_over_time",
     .evaluate = StddevOverTime,
     .evaluate_histograms = IgnoreHistograms},
    {.name = "stdvar_over_time",
     .evaluate = StdvarOverTime,
     .evaluate_histograms = IgnoreHistograms},
    {.name = "sum_over_time",
     .evaluate = SumOverTime,
     .of_totals = SumOfTotals,
     .evaluate_histograms = SumHistogramsOverTime},
    {.name = "ts_of_first_over_time",
     .evaluate = TimeOfFirst,
     .evaluate_histograms = TimeOfFirstOfAll},
    {.name = "ts_of_last_over_time",
     .evaluate = TimeOfLast,
     .evaluate_histograms = TimeOfLastOfAll},
    {.name = "ts_of_max_over_time", .evaluate = TimeOfMax, .evaluate_histograms = IgnoreHistograms},
    {.name = "ts_of_min_over_time", .evaluate = TimeOfMin, .evaluate_histograms = IgnoreHistograms},
};

}  // namespace

const RangeFunction* FindRangeFunction(std::string_view name) {
  const auto found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                  [&](const RangeFunction& f) { return f.name == name; });
  return found == std::end(kFunctions) ? nullptr : &*found;
}

}  // namespace tidemark::promql
