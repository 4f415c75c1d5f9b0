#include "promql/functions/over_time.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "promql/functions/compensated_sum.h"
#include "promql/functions/sliding_window.h"

namespace tidemark::promql {
namespace {

// Sets each step that has samples to of(begin, end).
template <typename Fn>
void SetEach(const WindowedSeries& series, const StepRow& out, Fn of) {
  ForEachWindow(series,
                [&](size_t step, size_t begin, size_t end) { out.Set(step, of(begin, end)); });
}

CompensatedSum SumOf(const std::vector<double>& values, size_t begin, size_t end) {
  CompensatedSum sum;
  for (size_t i = begin; i < end; ++i) sum.Add(values[i]);
  return sum;
}

double MeanOf(const std::vector<double>& values, size_t begin, size_t end) {
  CompensatedMean mean;
  for (size_t i = begin; i < end; ++i) mean.Add(values[i]);
  return mean.Mean();
}

// B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products",
// Technometrics 4, 1962, with compensated sums.
double VarianceOf(const std::vector<double>& values, size_t begin, size_t end) {
  CompensatedSum mean, squares;
  double count = 0;
  for (size_t i = begin; i < end; ++i) {
    count += 1;
    const double from_mean = values[i] - (mean.sum + mean.lost);
    mean.Add(from_mean / count);
    squares.Add(from_mean * (values[i] - (mean.sum + mean.lost)));
  }
  return (squares.sum + squares.lost) / count;
}

// The best of the values that are not NaN, the first of equals; NaN where all are.
template <typename Better>
double BestOf(const std::vector<double>& values, size_t begin, size_t end, Better better) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double worst = better(kInfinity, 0.0) ? -kInfinity : kInfinity;
  double best = worst;
  for (size_t i = begin; i < end; ++i) best = better(values[i], best) ? values[i] : best;
  if (best != worst) return best;
  const bool is_there = std::any_of(values.begin() + begin, values.begin() + end,
                                    [&](double value) { return value == worst; });
  return is_there ? worst : std::numeric_limits<double>::quiet_NaN();
}

template <typename Better>
void ExtremeOverTime(const WindowedSeries& series, const StepRow& out, Better better) {
  const std::vector<double>& values = series.samples.values;
  if (!WindowsOverlapMuch(series.samples.timestamps, series.windows)) {
    SetEach(series, out,
            [&](size_t begin, size_t end) { return BestOf(values, begin, end, better); });
    return;
  }
  SlidingExtreme<Better> extreme(values, better);
  SetEach(series, out, [&](size_t begin, size_t end) {
    const size_t best = extreme.Find(begin, end);
    return best < end ? values[best] : std::numeric_limits<double>::quiet_NaN();
  });
}

}  // namespace

void CountOverTime(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [](size_t begin, size_t end) { return static_cast<double>(end - begin); });
}

void PresentOverTime(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [](size_t, size_t) { return 1.0; });
}

void FirstOverTime(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [&](size_t begin, size_t) { return series.samples.values[begin]; });
}

void LastOverTime(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [&](size_t, size_t end) { return series.samples.values[end - 1]; });
}

void MinOverTime(const WindowedSeries& series, const StepRow& out) {
  ExtremeOverTime(series, out, std::less<double>());
}

void MaxOverTime(const WindowedSeries& series, const StepRow& out) {
  ExtremeOverTime(series, out, std::greater<double>());
}

void SumOverTime(const WindowedSeries& series, const StepRow& out) {
  const std::vector<double>& values = series.samples.values;
  if (!WindowsOverlapMuch(series.samples.timestamps, series.windows)) {
    SetEach(series, out,
            [&](size_t begin, size_t end) { return SumOf(values, begin, end).Total(); });
    return;
  }
  SlidingSum sum(values);
  SetEach(series, out, [&](size_t begin, size_t end) { return sum.Find(begin, end).Total(); });
}

void AvgOverTime(const WindowedSeries& series, const StepRow& out) {
  const std::vector<double>& values = series.samples.values;
  if (!WindowsOverlapMuch(series.samples.timestamps, series.windows)) {
    SetEach(series, out, [&](size_t begin, size_t end) { return MeanOf(values, begin, end); });
    return;
  }
  SlidingSum sums(values);
  SetEach(series, out, [&](size_t begin, size_t end) {
    const CompensatedSum sum = sums.Find(begin, end);
    if (!std::isfinite(sum.sum)) return MeanOf(values, begin, end);  // it may have overflowed
    const double count = static_cast<double>(end - begin);
    return sum.sum / count + sum.lost / count;
  });
}

void StddevOverTime(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out, [&](size_t begin, size_t end) {
    return std::sqrt(VarianceOf(series.samples.values, begin, end));
  });
}

void StdvarOverTime(const WindowedSeries& series, const StepRow& out) {
  SetEach(series, out,
          [&](size_t begin, size_t end) { return VarianceOf(series.samples.values, begin, end); });
}

}  // namespace tidemark::promql
