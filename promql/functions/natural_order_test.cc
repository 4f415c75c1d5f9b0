#include "promql/functions/natural_order.h"

#include <gtest/gtest.h>

#include <iterator>

namespace tidemark::promql {
namespace {

TEST(NaturalOrderTest, NumbersCompareAsNumbers) {
  // Each is compared with all that follow, both ways.
  const std::string_view ascending[] = {"",
                                        "0",
                                        "1",
                                        "1.2.3",
                                        "1.11.3",
                                        "1.111.3",
                                        "2",
                                        "4m5",
                                        "4m600",
                                        "4m1000",
                                        "10",
                                        "99999999999999999999",
                                        "100000000000000000000",
                                        "a",
                                        "a1",
                                        "a02",
                                        "a2",
                                        "a10",
                                        "a10b",
                                        "b",
                                        "\xff"};
  for (size_t i = 0; i < std::size(ascending); ++i) {
    EXPECT_EQ(CompareNaturally(ascending[i], ascending[i]), std::strong_ordering::equal);
    for (size_t j = i + 1; j < std::size(ascending); ++j) {
      EXPECT_EQ(CompareNaturally(ascending[i], ascending[j]), std::strong_ordering::less)
          << ascending[i] << " " << ascending[j];
      EXPECT_EQ(CompareNaturally(ascending[j], ascending[i]), std::strong_ordering::greater)
          << ascending[i] << " " << ascending[j];
    }
  }
}

}  // namespace
}  // namespace tidemark::promql
