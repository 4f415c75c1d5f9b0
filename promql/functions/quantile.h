#pragma once

#include <vector>

namespace tidemark::promql {

// The `q`-quantile of `values`, between the two nearest ranks in proportion; NaN counts as the
// least value. Infinite for a `q` outside [0, 1], NaN for a NaN `q` and for no values. Reorders
// `values`.
double Quantile(double q, std::vector<double>& values);

}  // namespace tidemark::promql
