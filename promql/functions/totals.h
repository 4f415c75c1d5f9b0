#pragma once

#include <optional>

#include "promql/exec/range_windows.h"
#include "promql/exec/window_totals.h"

// Range functions of the totals of a window: what RangeFunction::of_totals asks for. They agree
// with the functions of samples within rounding, and give nullopt where they would not.
namespace tidemark::promql {

std::optional<double> CountOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> PresenceOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> FirstOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> LastOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> MinOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> MaxOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> SumOfTotals(const WindowTotals& totals, const RangeWindows& windows);
std::optional<double> AvgOfTotals(const WindowTotals& totals, const RangeWindows& windows);

}  // namespace tidemark::promql
