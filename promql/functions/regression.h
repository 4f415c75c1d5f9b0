#pragma once

#include "promql/functions/range_function.h"

// Straight lines through the samples of a window by least squares.
namespace tidemark::promql {

void Derivative(const WindowedSeries& series, const StepRow& out);     // deriv
void PredictLinear(const WindowedSeries& series, const StepRow& out);  // parameter: seconds ahead

}  // namespace tidemark::promql
