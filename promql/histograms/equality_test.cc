#include "promql/histograms/equality.h"

#include <gtest/gtest.h>

#include <string_view>

#include "promql/histogram_notation.h"

namespace tidemark::promql {
namespace {

TEST(EqualityTest, Table) {
  struct Case {
    std::string_view a, b;
    bool equal, almost_equal;
  };
  for (const Case& c : {
           Case{"{{}}", "{{}}", true, true},
           {"{{count:1}}", "{{count:2}}", false, false},
           {"{{count:1}}", "{{count:1.0000001}}", false, true},
           {"{{sum:NaN}}", "{{sum:NaN}}", true, true},
           {"{{sum:+Inf}}", "{{sum:1}}", false, false},
           {"{{schema:1}}", "{{schema:2}}", false, false},
           {"{{z_bucket_w:1}}", "{{z_bucket_w:2}}", false, false},
           {"{{z_bucket:1}}", "{{z_bucket:2}}", false, false},
           {"{{buckets:[1 2]}}", "{{buckets:[1 3]}}", false, false},
           {"{{buckets:[1 2]}}", "{{buckets:[1]}}", false, false},
           {"{{n_buckets:[1]}}", "{{buckets:[1]}}", false, false},
           {"{{offset:-1 buckets:[0 1 0]}}", "{{buckets:[1]}}", true, true},
           {"{{offset:5 buckets:[0]}}", "{{}}", true, true},
           {"{{counter_reset_hint:gauge}}", "{{}}", true, true},
           {"{{schema:-53 custom_values:[1]}}", "{{schema:-53 custom_values:[2]}}", false, false},
       }) {
    std::string_view a_text = c.a, b_text = c.b;
    const FloatHistogramSample a = ConsumeHistogram(a_text)->histogram;
    const FloatHistogramSample b = ConsumeHistogram(b_text)->histogram;
    EXPECT_EQ(AreEqual(ViewOf(a), ViewOf(b)), c.equal) << c.a << " " << c.b;
    EXPECT_EQ(AreEqual(ViewOf(b), ViewOf(a)), c.equal) << c.a << " " << c.b;
    EXPECT_EQ(AreAlmostEqual(ViewOf(a), ViewOf(b), 1e-6), c.almost_equal) << c.a << " " << c.b;
  }
}

}  // namespace
}  // namespace tidemark::promql
