#include "promql/functions/range_function.h"

#include <algorithm>
#include <iterator>

#include "promql/functions/changes.h"
#include "promql/functions/double_exponential_smoothing.h"
#include "promql/functions/order_statistics.h"
#include "promql/functions/over_time.h"
#include "promql/functions/rate.h"
#include "promql/functions/regression.h"
#include "promql/functions/sample_times.h"
#include "promql/functions/totals.h"

namespace tidemark::promql {
namespace {

constexpr RangeFunction kFunctions[] = {
    {.name = "avg_over_time", .evaluate = AvgOverTime, .of_totals = AvgOfTotals},
    {.name = "changes", .evaluate = Changes},
    {.name = "count_over_time", .evaluate = CountOverTime, .of_totals = CountOfTotals},
    {.name = "delta", .evaluate = Delta, .of_totals = DeltaOfTotals},
    {.name = "deriv", .evaluate = Derivative},
    {.name = "double_exponential_smoothing",
     .evaluate = DoubleExponentialSmoothing,
     .check_parameters = CheckSmoothingFactors},
    {.name = "first_over_time",
     .evaluate = FirstOverTime,
     .of_totals = FirstOfTotals,
     .keeps_metric_name = true},
    {.name = "idelta", .evaluate = InstantDelta},
    {.name = "increase",
     .evaluate = Increase,
     .of_totals = IncreaseOfTotals,
     .expects_counter = true,
     .uses_starts = true},
    {.name = "irate", .evaluate = InstantRate},
    {.name = "last_over_time",
     .evaluate = LastOverTime,
     .of_totals = LastOfTotals,
     .keeps_metric_name = true},
    {.name = "mad_over_time", .evaluate = MedianAbsoluteDeviation},
    {.name = "max_over_time", .evaluate = MaxOverTime, .of_totals = MaxOfTotals},
    {.name = "min_over_time", .evaluate = MinOverTime, .of_totals = MinOfTotals},
    {.name = "predict_linear", .evaluate = PredictLinear},
    {.name = "present_over_time", .evaluate = PresentOverTime, .of_totals = PresenceOfTotals},
    {.name = "quantile_over_time", .evaluate = QuantileOverTime, .takes_quantile = true},
    {.name = "rate",
     .evaluate = Rate,
     .of_totals = RateOfTotals,
     .expects_counter = true,
     .uses_starts = true},
    {.name = "resets", .evaluate = Resets},
    {.name = "stddev_over_time", .evaluate = StddevOverTime},
    {.name = "stdvar_over_time", .evaluate = StdvarOverTime},
    {.name = "sum_over_time", .evaluate = SumOverTime, .of_totals = SumOfTotals},
    {.name = "ts_of_first_over_time", .evaluate = TimeOfFirst},
    {.name = "ts_of_last_over_time", .evaluate = TimeOfLast},
    {.name = "ts_of_max_over_time", .evaluate = TimeOfMax},
    {.name = "ts_of_min_over_time", .evaluate = TimeOfMin},
};

}  // namespace

const RangeFunction* FindRangeFunction(std::string_view name) {
  const auto found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                  [&](const RangeFunction& f) { return f.name == name; });
  return found == std::end(kFunctions) ? nullptr : &*found;
}

}  // namespace tidemark::promql
