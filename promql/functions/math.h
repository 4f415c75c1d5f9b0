#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "promql/exec/column_batch.h"

// Functions of one number. Not <cmath>'s own names: those are overloaded, and a table of function
// pointers wants one each.
namespace tidemark::promql {

inline double Abs(double x) { return std::fabs(x); }
inline double Acos(double x) { return std::acos(x); }
inline double Acosh(double x) { return std::acosh(x); }
inline double Asin(double x) { return std::asin(x); }
inline double Asinh(double x) { return std::asinh(x); }
inline double Atan(double x) { return std::atan(x); }
inline double Atanh(double x) { return std::atanh(x); }
inline double Ceil(double x) { return std::ceil(x); }
inline double Cos(double x) { return std::cos(x); }
inline double Cosh(double x) { return std::cosh(x); }
inline double Degrees(double x) { return x * 180 / M_PI; }
inline double Exp(double x) { return std::exp(x); }
inline double Floor(double x) { return std::floor(x); }
inline double Ln(double x) { return std::log(x); }
inline double Log10(double x) { return std::log10(x); }
inline double Log2(double x) { return std::log2(x); }
inline double Radians(double x) { return x * M_PI / 180; }
inline double Sign(double x) { return x < 0 ? -1 : x > 0 ? 1 : x; }  // keeps NaN and -0
inline double Sin(double x) { return std::sin(x); }
inline double Sinh(double x) { return std::sinh(x); }
inline double Sqrt(double x) { return std::sqrt(x); }
inline double Tan(double x) { return std::tan(x); }
inline double Tanh(double x) { return std::tanh(x); }

// As Go's math.Max and math.Min, by which Prometheus bounds numbers: NaN where either is NaN, but
// an infinity that wins over every number wins over NaN too; 0 is greater than -0.
inline double GreaterOf(double a, double b) {
  if (a == HUGE_VAL || b == HUGE_VAL) return HUGE_VAL;
  if (std::isnan(a) || std::isnan(b)) return a + b;
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
inline double LesserOf(double a, double b) { return -GreaterOf(-a, -b); }

// With the parameters of the query function of that name, as ElementFunction::evaluate.
void Clamp(const StepRow& row, std::span<const std::vector<double>> parameters);
void ClampMin(const StepRow& row, std::span<const std::vector<double>> parameters);
void ClampMax(const StepRow& row, std::span<const std::vector<double>> parameters);
void Round(const StepRow& row, std::span<const std::vector<double>> parameters);

}  // namespace tidemark::promql
