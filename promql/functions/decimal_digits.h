#pragma once

#include <string>

namespace tidemark::promql {

// The fewest digits that give the same double back, never with an exponent: "0.0000001",
// "100000000000000000000000"; "NaN", "+Inf", "-Inf".
std::string DecimalDigits(double value);

}  // namespace tidemark::promql
