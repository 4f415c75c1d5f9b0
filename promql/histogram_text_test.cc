#include "promql/histogram_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "promql/bucket_iterator.h"
#include "promql/histogram_notation.h"

namespace tidemark::promql {
namespace {

// "0 (1,2]:3": the rule and the bucket.
std::vector<std::string> Buckets(const HistogramView& h, BucketIterator::Order order) {
  std::vector<std::string> texts;
  BucketIterator buckets(h, order);
  while (buckets.Next()) {
    EXPECT_EQ(buckets.count(), buckets.bucket().count);
    texts.push_back(std::to_string(BoundaryRule(buckets.bucket())) + " " +
                    ToString(buckets.bucket()));
  }
  EXPECT_FALSE(buckets.Next());
  return texts;
}

TEST(BucketIteratorTest, InOrder) {
  struct Case {
    std::string_view histogram;
    std::vector<std::string> buckets;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"{{}}", {}},
           {"{{z_bucket:2 z_bucket_w:0.5 buckets:[0 1] n_offset:1 n_buckets:[3 4]}}",
            {"1 [-4,-2):4", "1 [-2,-1):3", "3 [-0.5,0.5]:2", "0 (0.5,1]:0", "0 (1,2]:1"}},
           // They end where the zero bucket does.
           {"{{z_bucket:2 z_bucket_w:0.75 buckets:[1] n_buckets:[3]}}",
            {"1 [-1,-0.75):3", "3 [-0.75,0.75]:2", "0 (0.75,1]:1"}},
           {"{{schema:-53 custom_values:[-1 5] buckets:[1 2 3]}}",
            {"3 [-Inf,-1]:1", "0 (-1,5]:2", "0 (5,+Inf]:3"}},
       }) {
    std::string_view text = c.histogram;
    const FloatHistogramSample h = ConsumeHistogram(text)->histogram;
    EXPECT_EQ(Buckets(ViewOf(h), BucketIterator::Order::kAscending), c.buckets);
    std::vector<std::string> reversed(c.buckets.rbegin(), c.buckets.rend());
    EXPECT_EQ(Buckets(ViewOf(h), BucketIterator::Order::kDescending), reversed);
  }
}

TEST(BucketIteratorTest, GapsAndEmptySpans) {
  HistogramLayout layout;
  layout.positive_spans = {{-1, 1}, {0, 0}, {2, 2}, {1, 0}};
  layout.negative_spans = {{0, 0}, {1, 1}, {3, 1}};
  FloatHistogramSample h;
  h.layout = std::make_shared<const HistogramLayout>(layout);
  h.positive_counts = {1, 2, 3};
  h.negative_counts = {4, 5};
  const std::vector<std::string> want = {"1 [-32,-16):5", "1 [-2,-1):4", "0 (0.25,0.5]:1",
                                         "0 (2,4]:2", "0 (4,8]:3"};
  EXPECT_EQ(Buckets(ViewOf(h), BucketIterator::Order::kAscending), want);
  EXPECT_EQ(Buckets(ViewOf(h), BucketIterator::Order::kDescending),
            std::vector<std::string>(want.rbegin(), want.rend()));
}

TEST(HistogramTextTest, AsPrometheusShowsThem) {
  struct Case {
    std::string_view histogram, text;
  };
  for (const Case& c :
       {Case{"{{}}", "{count:0, sum:0}"},
        {"{{schema:1 count:1e6 sum:NaN z_bucket:2 z_bucket_w:0.75 buckets:[1 0 2] n_buckets:[3]}}",
         "{count:1e+06, sum:NaN, [-1,-0.7071067811865475):3, [-0.75,0.75]:2, "
         "(0.7071067811865475,1]:1, (1.414213562373095,2]:2}"},
        {"{{count:-3 z_bucket:-2 z_bucket_w:0.5 buckets:[-1]}}",
         "{count:-3, sum:0, [-0.5,0.5]:-2, (0.5,1]:-1}"},
        {"{{schema:-53 count:3 sum:0.5 custom_values:[5] buckets:[1 2]}}",
         "{count:3, sum:0.5, [-Inf,5]:1, (5,+Inf]:2}"}}) {
    std::string_view text = c.histogram;
    EXPECT_EQ(ToString(ViewOf(ConsumeHistogram(text)->histogram)), c.text);
  }
}

TEST(HistogramTextTest, IntegersHaveAllTheirDigits) {
  std::string_view text = "{{count:12345678 sum:1e6 z_bucket:2345678 buckets:[1e7]}}";
  const FloatHistogramSample h = ConsumeHistogram(text)->histogram;
  HistogramView view = ViewOf(h);
  view.is_float = false;
  EXPECT_EQ(ToString(view), "{count:12345678, sum:1e+06, [-0,0]:2345678, (0.5,1]:10000000}");
}

}  // namespace
}  // namespace tidemark::promql
