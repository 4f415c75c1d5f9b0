#include "promql/histograms/trim.h"

#include <gtest/gtest.h>

#include <limits>
#include <string_view>

#include "promql/histogram_notation.h"
#include "promql/histogram_text.h"
#include "promql/histograms/equality.h"

namespace tidemark::promql {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

FloatHistogramSample Read(std::string_view text) {
  const auto noted = ConsumeHistogram(text);
  EXPECT_TRUE(noted.ok()) << noted.status() << " " << text;
  return noted.ok() ? noted->histogram : FloatHistogramSample();
}

TEST(TrimTest, BelowAndAbove) {
  constexpr std::string_view kPlain =
      "{{count:34 sum:123.75 z_bucket:1 z_bucket_w:0.001 buckets:[2 4 8 16] n_buckets:[1 2]}}";
  constexpr std::string_view kCustom =
      "{{schema:-53 count:15 sum:172.5 custom_values:[5 10 15 20] buckets:[1 6 4 3 1]}}";
  constexpr std::string_view kZero = "{{count:5 z_bucket:5 z_bucket_w:0.1}}";
  constexpr std::string_view kBelowZero =
      "{{schema:-53 count:101 sum:33 custom_values:[-5] buckets:[1 100]}}";
  struct Case {
    std::string_view histogram;
    double bound;
    std::string_view below, above;
  };
  for (const Case& c : {
           Case{kPlain, kInfinity, kPlain, "{{z_bucket_w:0.001}}"},
           {kPlain, -kInfinity, "{{z_bucket_w:0.001}}", kPlain},
           {kPlain, 0,
            "{{count:3.5 sum:-3.535783905932738 z_bucket:0.5 z_bucket_w:0.001 n_buckets:[1 2]}}",
            "{{count:30.5 sum:120.20840280171308 z_bucket:0.5 z_bucket_w:0.001 buckets:[2 4 8 "
            "16]}}"},
           {kPlain, 2,
            "{{count:10 sum:3.5355339059327373 z_bucket:1 z_bucket_w:0.001 buckets:[2 4] "
            "n_buckets:[1 2]}}",
            "{{count:24 sum:113.13708498984761 z_bucket_w:0.001 offset:2 buckets:[8 16]}}"},
           {kPlain, 1.4142135624,
            "{{count:8 sum:0.2570938865989847 z_bucket:1 z_bucket_w:0.001 buckets:[2 2] "
            "n_buckets:[1 2]}}",
            "{{count:26 sum:116.50067065070982 z_bucket_w:0.001 buckets:[0 2 8 16]}}"},
           {kPlain, -1,
            "{{count:2 sum:-2.8284271247461903 z_bucket_w:0.001 n_offset:1 n_buckets:[2]}}",
            "{{count:32 sum:119.50104602052653 z_bucket:1 z_bucket_w:0.001 buckets:[2 4 8 16] "
            "n_buckets:[1]}}"},
           {kZero, 0.05, "{{count:3.75 sum:-0.09375 z_bucket:3.75 z_bucket_w:0.1}}",
            "{{count:1.25 sum:0.09375 z_bucket:1.25 z_bucket_w:0.1}}"},
           {kZero, 0.1, kZero, "{{z_bucket_w:0.1}}"},
           // On one side of zero only.
           {"{{count:12 sum:8 z_bucket:2 z_bucket_w:0.5 buckets:[10]}}", 0.1,
            "{{count:0.4 sum:0.02 z_bucket:0.4 z_bucket_w:0.5}}",
            "{{count:11.6 sum:7.551067811865476 z_bucket:1.6 z_bucket_w:0.5 buckets:[10]}}"},
           {kCustom, 15,
            "{{schema:-53 count:11 sum:97.5 custom_values:[5 10 15 20] buckets:[1 6 4]}}",
            "{{schema:-53 count:4 sum:72.5 custom_values:[5 10 15 20] offset:3 buckets:[3 1]}}"},
           {kCustom, 13,
            "{{schema:-53 count:9.4 sum:75.1 custom_values:[5 10 15 20] buckets:[1 6 2.4]}}",
            "{{schema:-53 count:5.6 sum:94.9 custom_values:[5 10 15 20] offset:2 buckets:[1.6 3 "
            "1]}}"},
           {kCustom, 50,
            "{{schema:-53 count:14 sum:150 custom_values:[5 10 15 20] buckets:[1 6 4 3]}}",
            "{{schema:-53 count:1 sum:50 custom_values:[5 10 15 20] offset:4 buckets:[1]}}"},
           {kCustom, 2, "{{schema:-53 count:0.4 sum:0.4 custom_values:[5 10 15 20] buckets:[0.4]}}",
            "{{schema:-53 count:14.6 sum:169.6 custom_values:[5 10 15 20] buckets:[0.6 6 4 3 1]}}"},
           // Nothing is known of what lies beyond the outer bounds.
           {kBelowZero, -10, "{{schema:-53 count:1 sum:-10 custom_values:[-5] buckets:[1]}}",
            "{{schema:-53 count:100 sum:-500 custom_values:[-5] offset:1 buckets:[100]}}"},
           {kBelowZero, 10, "{{schema:-53 count:1 sum:-5 custom_values:[-5] buckets:[1]}}",
            "{{schema:-53 count:100 sum:1000 custom_values:[-5] offset:1 buckets:[100]}}"},
           {"{{schema:-53 count:100 sum:100 buckets:[100]}}", 10, "{{schema:-53}}",
            "{{schema:-53}}"},
           {"{{}}", 5, "{{}}", "{{}}"},
       }) {
    SCOPED_TRACE(testing::Message() << c.histogram << " at " << c.bound);
    const FloatHistogramSample h = Read(c.histogram);
    const FloatHistogramSample below = TrimAbove(ViewOf(h), c.bound);
    const FloatHistogramSample above = TrimBelow(ViewOf(h), c.bound);
    EXPECT_TRUE(AreAlmostEqual(ViewOf(below), ViewOf(Read(c.below)), 1e-9))
        << ToNotation(ViewOf(below));
    EXPECT_TRUE(AreAlmostEqual(ViewOf(above), ViewOf(Read(c.above)), 1e-9))
        << ToNotation(ViewOf(above));
  }
}

}  // namespace
}  // namespace tidemark::promql
