#include "promql/functions/decimal_digits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace tidemark::promql {
namespace {

TEST(DecimalDigitsTest, NeverWritesAnExponent) {
  const struct {
    double value;
    const char* digits;
  } cases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {6, "6"},
      {-12.75, "-12.75"},
      {100, "100"},
      {0.1, "0.1"},
      {0.30000000000000004, "0.30000000000000004"},
      {1e-7, "0.0000001"},
      {1.5e-7, "0.00000015"},
      {1e21, "1000000000000000000000"},
      {1e23, "100000000000000000000000"},
      {123456789012345680, "123456789012345680"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
      {std::nan(""), "NaN"},
  };
  for (const auto& c : cases) EXPECT_EQ(DecimalDigits(c.value), c.digits);
}

TEST(DecimalDigitsTest, GivesTheSameDoubleBack) {
  for (const double value : {std::numeric_limits<double>::max(), std::numeric_limits<double>::min(),
                             std::numeric_limits<double>::denorm_min(), 1.0 / 3, 2e10 / 7}) {
    EXPECT_EQ(std::strtod(DecimalDigits(value).c_str(), nullptr), value);
  }
}

}  // namespace
}  // namespace tidemark::promql
