#include "promql/functions/math.h"

namespace tidemark::promql {

void Clamp(const StepRow& row, std::span<const std::vector<double>> parameters) {
  row.ForEach([&](size_t step) {
    const double low = parameters[0][step], high = parameters[1][step];
    if (low > high) {
      row.Clear(step);
    } else {
      row.values[step] = GreaterOf(low, LesserOf(high, row.values[step]));
    }
  });
}

void ClampMin(const StepRow& row, std::span<const std::vector<double>> parameters) {
  row.ForEach(
      [&](size_t step) { row.values[step] = GreaterOf(parameters[0][step], row.values[step]); });
}

void ClampMax(const StepRow& row, std::span<const std::vector<double>> parameters) {
  row.ForEach(
      [&](size_t step) { row.values[step] = LesserOf(parameters[0][step], row.values[step]); });
}

// Ties go up. Dividing by the inverse keeps multiples such as 0.1 exact more often.
void Round(const StepRow& row, std::span<const std::vector<double>> parameters) {
  row.ForEach([&](size_t step) {
    const double inverse = 1 / (parameters.empty() ? 1.0 : parameters[0][step]);
    row.values[step] = std::floor(row.values[step] * inverse + 0.5) / inverse;
  });
}

}  // namespace tidemark::promql
