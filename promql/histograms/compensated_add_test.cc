#include "promql/histograms/compensated_add.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/model/sample.h"
#include "base/strings.h"
#include "promql/functions/compensated_sum.h"

namespace tidemark::promql {
namespace {

TEST(CompensatedAddTest, EachIsACompensatedSum) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  constexpr double kOdd[] = {0, -0.0, INFINITY, -INFINITY, NAN, std::numeric_limits<double>::max()};
  const auto number = [&] {
    if (random() % 30 == 0) return kOdd[random() % std::size(kOdd)];
    return std::ldexp(static_cast<double>(random() % 1000) - 500,
                      static_cast<int>(random() % 120) - 60);
  };
  for (size_t count = 0; count < 30; ++count) {
    std::vector<CompensatedSum> want(count);
    std::vector<double> sums(count), lost(count), portable_sums(count), portable_lost(count);
    for (int round = 0; round < 20; ++round) {
      std::vector<double> values(count);
      for (double& value : values) value = number();
      AddEachCompensated(values.data(), count, sums.data(), lost.data());
      portable::AddEachCompensated(values.data(), count, portable_sums.data(),
                                   portable_lost.data());
      for (size_t i = 0; i < count; ++i) want[i].Add(values[i]);
    }
    for (size_t i = 0; i < count; ++i) {
      const auto same = [](double a, double b) {
        return std::isnan(a) ? std::isnan(b) : SameBits(a, b);
      };
      EXPECT_TRUE(same(sums[i], want[i].sum) && same(lost[i], want[i].lost)) << count << " " << i;
      EXPECT_TRUE(same(sums[i], portable_sums[i]) && same(lost[i], portable_lost[i])) << count;
    }
  }
}

}  // namespace
}  // namespace tidemark::promql
