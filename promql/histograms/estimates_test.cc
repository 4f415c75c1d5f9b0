#include "promql/histograms/estimates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "promql/histogram_notation.h"

namespace tidemark::promql {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

FloatHistogramSample Read(std::string_view text) {
  const auto noted = ConsumeHistogram(text);
  EXPECT_TRUE(noted.ok()) << noted.status() << " " << text;
  return noted.ok() ? noted->histogram : FloatHistogramSample();
}

void ExpectSame(double got, double want) {
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << got;
  } else if (std::isinf(want)) {
    EXPECT_EQ(got, want);
  } else {
    EXPECT_NEAR(got, want, 1e-12 * (1 + std::abs(want)));
  }
}

constexpr std::string_view kBothSides =
    "{{count:24 sum:100 z_bucket:4 z_bucket_w:0.001 buckets:[2 3 0 1 4] n_buckets:[2 3 0 1 4]}}";
constexpr std::string_view kNegative =
    "{{count:12 sum:100 z_bucket:2 z_bucket_w:0.001 n_buckets:[2 3 0 1 4]}}";
constexpr std::string_view kCustom =
    "{{schema:-53 count:15 sum:172.5 custom_values:[5 10 15 20] buckets:[1 6 4 3 1]}}";

TEST(EstimatesTest, Quantile) {
  struct Case {
    std::string_view histogram;
    double q, value;
    NanEffect effect = NanEffect::kNone;
  };
  for (const Case& c : {
           Case{"{{}}", 0.5, NAN},
           {"{{count:4 sum:5 buckets:[1 2 1]}}", 0.5, std::sqrt(2)},
           {"{{count:4 sum:5 buckets:[1 2 1]}}", NAN, NAN},
           {kBothSides, -1, -kInfinity},
           {kBothSides, 1.1, kInfinity},
           {kBothSides, 1, 16},
           {kBothSides, 0.99, std::exp2(3 + (1 - 0.01 * 24 / 4))},
           {kBothSides, 0.55, 0.0006},
           {kBothSides, 0.5, 0},
           {kBothSides, 0.3, -std::exp2(0.8 / 3)},
           {kBothSides, 0, -16},
           {kNegative, 1, 0},  // the zero bucket ends at zero
           {kNegative, 0.9, -0.0006},
           {"{{count:1 sum:0.25 z_bucket:1 z_bucket_w:0.5}}", 0.5, 0},
           {"{{schema:8 count:1 sum:1 buckets:[0 0 1]}}", 0, std::exp2(1 / 256.0)},
           // Custom buckets: linear, from zero, and not into infinity.
           {kCustom, 0.5, 10.625},
           {kCustom, 0.05, 3.75},
           {kCustom, 0.99, 20},
           {"{{schema:-53 count:4 custom_values:[-2 3] buckets:[3 1]}}", 0.1, -2},
           {"{{schema:-53 count:4 buckets:[4]}}", 0.5, kInfinity},
           // NaN observations.
           {"{{count:3 sum:NaN}}", 0.4, NAN, NanEffect::kResultIsNan},
           {"{{count:15 sum:NaN buckets:[12]}}", 0.81, NAN, NanEffect::kResultIsNan},
           {"{{count:15 sum:NaN buckets:[12]}}", 0.8, 1, NanEffect::kSkewed},
           {"{{count:15 sum:NaN buckets:[12]}}", 0.4, std::exp2(-0.5), NanEffect::kSkewed},
           {"{{count:12 sum:NaN buckets:[12]}}", 1, 1},  // -Inf and +Inf
           // Counts that do not add up.
           {"{{count:15 sum:1 buckets:[12]}}", 0.01, std::exp2(-1 + 0.15 / 12)},
       }) {
    SCOPED_TRACE(testing::Message() << c.histogram << " " << c.q);
    NanEffect effect;
    const FloatHistogramSample h = Read(c.histogram);
    ExpectSame(EstimateQuantile(c.q, ViewOf(h), effect), c.value);
    EXPECT_EQ(effect, c.effect);
  }
}

TEST(EstimatesTest, Fraction) {
  struct Case {
    std::string_view histogram;
    double lower, upper, fraction;
    bool has_nan = false;
  };
  for (const Case& c : {
           Case{"{{}}", 0, 1, NAN},
           {kBothSides, 0, kInfinity, 0.5},
           {kBothSides, -kInfinity, kInfinity, 1},
           {kBothSides, -0.001, 0, 2 / 24.0},
           {kBothSides, -0.0005, 0.0005, 2 / 24.0},
           {kBothSides, 1.5, 2, 3 * (1 - std::log2(1.5)) / 24},
           {kBothSides, -2, -1.5, 3 * (1 - std::log2(1.5)) / 24},
           {kBothSides, 42, 3, 0},
           {kBothSides, 42, 42, 0},
           {kBothSides, NAN, 42, NAN},
           {kBothSides, 3, NAN, NAN},
           {kNegative, -0.0005, 1, 1 / 12.0},
           // A zero bucket without width is above zero.
           {"{{count:4 z_bucket:1 buckets:[1] n_buckets:[2]}}", 0, 1, 0.5},
           {"{{count:4 z_bucket:1 buckets:[1] n_buckets:[2]}}", -1, 0, 0.5},
           {kCustom, 5, 15, 10 / 15.0},
           {kCustom, -kInfinity, 13, 9.4 / 15},
           {kCustom, 30, kInfinity, 1 / 15.0},
           {"{{count:15 sum:NaN buckets:[12]}}", -kInfinity, kInfinity, 0.8, true},
           {"{{count:3 sum:NaN}}", -kInfinity, kInfinity, 0, true},
           {"{{count:12 sum:NaN buckets:[12]}}", -kInfinity, kInfinity, 1},
       }) {
    SCOPED_TRACE(testing::Message() << c.histogram << " " << c.lower << " " << c.upper);
    bool has_nan = false;
    const FloatHistogramSample h = Read(c.histogram);
    ExpectSame(EstimateFraction(c.lower, c.upper, ViewOf(h), has_nan), c.fraction);
    EXPECT_EQ(has_nan, c.has_nan);
  }
}

TEST(EstimatesTest, QuantileAndFractionAreInverse) {
  for (const std::string_view text : {kBothSides, kNegative, kCustom}) {
    const FloatHistogramSample h = Read(text);
    for (double q = 0.075; q < 0.93; q += 0.05) {
      NanEffect effect;
      bool has_nan = false;
      const double value = EstimateQuantile(q, ViewOf(h), effect);
      ExpectSame(EstimateFraction(-kInfinity, value, ViewOf(h), has_nan), q);
    }
  }
}

TEST(EstimatesTest, Variance) {
  struct Case {
    std::string_view histogram;
    double variance;
  };
  for (const Case& c :
       {Case{"{{}}", NAN},
        {"{{schema:2 count:4 sum:10 buckets:[1 0 0 0 1 0 0 1 1]}}", 1.163807968526718},
        {"{{count:10 sum:-100 n_buckets:[0 0 0 0 10]}}", 1.725830020304794},
        {"{{count:2 sum:2 z_bucket:2 z_bucket_w:2}}", 1},
        {"{{schema:-53 count:2 sum:15 custom_values:[5 10] buckets:[0 2]}}", 0},
        {"{{count:7 sum:NaN buckets:[7]}}", NAN}}) {
    const FloatHistogramSample h = Read(c.histogram);
    ExpectSame(EstimateVariance(ViewOf(h)), c.variance);
  }
}

}  // namespace
}  // namespace tidemark::promql
