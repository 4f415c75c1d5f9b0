#include "promql/functions/totals.h"

#include <cmath>

namespace tidemark::promql {

std::optional<double> CountOfTotals(const WindowTotals& totals, const RangeWindows&) {
  return static_cast<double>(totals.count);
}

std::optional<double> PresenceOfTotals(const WindowTotals&, const RangeWindows&) { return 1.0; }

std::optional<double> FirstOfTotals(const WindowTotals& totals, const RangeWindows&) {
  return totals.first;
}

std::optional<double> LastOfTotals(const WindowTotals& totals, const RangeWindows&) {
  return totals.last;
}

std::optional<double> MinOfTotals(const WindowTotals& totals, const RangeWindows&) {
  return totals.min;
}

std::optional<double> MaxOfTotals(const WindowTotals& totals, const RangeWindows&) {
  return totals.max;
}

std::optional<double> SumOfTotals(const WindowTotals& totals, const RangeWindows&) {
  if (!totals.SumIsExact()) return std::nullopt;
  return totals.sum.Total();
}

std::optional<double> AvgOfTotals(const WindowTotals& totals, const RangeWindows&) {
  if (!std::isfinite(totals.sum.sum) || !totals.SumIsExact()) return std::nullopt;
  const double count = static_cast<double>(totals.count);
  return totals.sum.sum / count + totals.sum.lost / count;
}

}  // namespace tidemark::promql
