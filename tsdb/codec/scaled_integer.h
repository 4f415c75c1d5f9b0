#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/model/sample.h"
#include "tsdb/codec/exact_double.h"

// Short decimals as whole numbers over a power of ten. What is short in decimal has such a number:
// the quotient of two exact doubles is rounded once, as reading the decimal digits is.
namespace tidemark::tsdb {

inline constexpr int kMaxDecimalExponent = 18;

// Powers of ten that are doubles exactly.
inline constexpr std::array<double, kMaxDecimalExponent + 1> kPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

inline double FromScaledInteger(int64_t scaled, int exponent) {
  const auto number = static_cast<double>(scaled);
  return exponent == 0 ? number : number / kPowersOfTen[static_cast<size_t>(exponent)];
}

// The whole number below 2^53 that FromScaledInteger makes `value` of, bit for bit; false where
// there is none. `exponent` is from 0 to kMaxDecimalExponent.
inline bool ToScaledInteger(double value, int exponent, int64_t* scaled) {
  const double product =
      exponent == 0 ? value : value * kPowersOfTen[static_cast<size_t>(exponent)];
  if (!(std::abs(product) < kMaxWholeNumber)) return false;
  // However this rounds at the edges, the comparison decides.
  *scaled = static_cast<int64_t>(exponent == 0 ? product : product + std::copysign(0.5, product));
  return SameBits(FromScaledInteger(*scaled, exponent), value);
}

}  // namespace tidemark::tsdb
