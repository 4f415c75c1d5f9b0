#include "base/model/histogram_bounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/model/float_format.h"

namespace tidemark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(HistogramBoundsTest, ExponentialBounds) {
  struct Case {
    int64_t index;
    int32_t schema;
    const char* bound;  // as Prometheus prints it
  };
  for (const Case& c : {Case{0, 0, "1"},
                        {1, 0, "2"},
                        {-1, 0, "0.5"},
                        {1, -1, "4"},
                        {2, -4, "4.294967296e+09"},
                        {-2, -2, "0.00390625"},
                        {1, 1, "1.414213562373095"},
                        {-1, 1, "0.7071067811865475"},
                        {1, 2, "1.189207115002721"},
                        {31, 5, "1.9571441241753997"},
                        {255, 8, "1.9945921121709396"},
                        {-7, 3, "0.5452538663326288"},
                        {1023, 0, "8.98846567431158e+307"},
                        {1024, 0, "1.7976931348623157e+308"},
                        {1025, 0, "+Inf"},
                        {64, -4, "1.7976931348623157e+308"},
                        {65, -4, "+Inf"},
                        {1024 * 256, 8, "1.7976931348623157e+308"},
                        {1024 * 256 + 1, 8, "+Inf"},
                        {-1074, 0, "5e-324"},
                        {-1075, 0, "0"},
                        {std::numeric_limits<int32_t>::min(), -4, "0"},
                        {std::numeric_limits<int32_t>::max(), -4, "+Inf"},
                        {std::numeric_limits<int32_t>::max(), 8, "+Inf"}}) {
    EXPECT_EQ(FormatFloatG(ExponentialBound(c.index, c.schema)), c.bound)
        << c.index << " at schema " << c.schema;
  }
}

TEST(HistogramBoundsTest, BoundsOfASchemaAreAmongThoseOfTheNext) {
  for (int32_t schema = kMinExponentialSchema; schema < kMaxExponentialSchema; ++schema) {
    for (int64_t index = -20; index <= 20; ++index) {
      EXPECT_EQ(ExponentialBound(index, schema), ExponentialBound(2 * index, schema + 1));
      EXPECT_EQ(IndexAtSchema(2 * index, schema + 1, schema), index);
      EXPECT_EQ(IndexAtSchema(2 * index - 1, schema + 1, schema), index);
      EXPECT_LT(ExponentialBound(index, schema), ExponentialBound(index + 1, schema));
      EXPECT_NEAR(std::log2(ExponentialBound(index, schema)), std::ldexp(index, -schema), 1e-13);
    }
  }
}

TEST(HistogramBoundsTest, CustomBounds) {
  HistogramLayout layout;
  layout.schema = kCustomBucketsSchema;
  layout.custom_values = {-2, 3};
  EXPECT_EQ(BucketBound(layout, -1), -kInfinity);
  EXPECT_EQ(BucketBound(layout, 0), -2);
  EXPECT_EQ(BucketBound(layout, 1), 3);
  EXPECT_EQ(BucketBound(layout, 2), kInfinity);
}

}  // namespace
}  // namespace tidemark
