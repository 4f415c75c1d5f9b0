#include "promql/histograms/combine.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "promql/histogram_notation.h"
#include "promql/histogram_text.h"
#include "promql/histograms/histogram_sum.h"

namespace tidemark::promql {
namespace {

FloatHistogramSample Read(std::string_view text) {
  const auto noted = ConsumeHistogram(text);
  EXPECT_TRUE(noted.ok()) << noted.status() << " " << text;
  return noted.ok() ? noted->histogram : FloatHistogramSample();
}

struct Case {
  std::string_view a, b, sum, difference;
  bool bounds_reconciled = false, conflicting_resets = false;
};

constexpr Case kCases[] = {
    {"{{}}", "{{}}", "{{}}", "{{}}"},
    {"{{count:3 sum:5 buckets:[1 2]}}", "{{count:4 sum:1 buckets:[3 1]}}",
     "{{count:7 sum:6 buckets:[4 3]}}", "{{count:-1 sum:4 buckets:[-2 1]}}"},
    // Other buckets: some, before, behind, between, touching.
    {"{{buckets:[1 2 4]}}", "{{offset:1 buckets:[3]}}", "{{buckets:[1 5 4]}}",
     "{{buckets:[1 -1 4]}}"},
    {"{{offset:3 buckets:[1 2]}}", "{{offset:-1 buckets:[8]}}",
     "{{offset:-1 buckets:[8 0 0 0 1 2]}}", "{{offset:-1 buckets:[-8 0 0 0 1 2]}}"},
    {"{{offset:-1 buckets:[8]}}", "{{offset:3 buckets:[1 2]}}",
     "{{offset:-1 buckets:[8 0 0 0 1 2]}}", "{{offset:-1 buckets:[8 0 0 0 -1 -2]}}"},
    {"{{buckets:[1 2]}}", "{{offset:2 buckets:[4]}}", "{{buckets:[1 2 4]}}",
     "{{buckets:[1 2 -4]}}"},
    {"{{buckets:[1 2]}}", "{{offset:1 buckets:[4 8]}}", "{{buckets:[1 6 8]}}",
     "{{buckets:[1 -2 -8]}}"},
    {"{{n_offset:1 n_buckets:[1]}}", "{{buckets:[3] n_buckets:[2 1]}}",
     "{{buckets:[3] n_buckets:[2 2]}}", "{{buckets:[-3] n_buckets:[-2]}}"},
    // The lower resolution counts.
    {"{{schema:-1 count:1 sum:4 offset:1 buckets:[1]}}", "{{count:4 sum:4 offset:1 buckets:[2 2]}}",
     "{{schema:-1 count:5 sum:8 offset:1 buckets:[5]}}",
     "{{schema:-1 count:-3 offset:1 buckets:[-3]}}"},
    {"{{schema:2 buckets:[1 2 4 8 16]}}", "{{buckets:[1 1]}}", "{{buckets:[2 31]}}",
     "{{offset:1 buckets:[29]}}"},
    // The wider zero bucket takes buckets in.
    {"{{z_bucket:1 z_bucket_w:1 offset:1 buckets:[4]}}",
     "{{z_bucket:2 z_bucket_w:0.5 buckets:[8 16]}}",
     "{{z_bucket:11 z_bucket_w:1 offset:1 buckets:[20]}}",
     "{{z_bucket:-9 z_bucket_w:1 offset:1 buckets:[-12]}}"},
    {"{{z_bucket:2 z_bucket_w:0.5 buckets:[8 16]}}",
     "{{z_bucket:1 z_bucket_w:1 offset:1 buckets:[4]}}",
     "{{z_bucket:11 z_bucket_w:1 offset:1 buckets:[20]}}",
     "{{z_bucket:9 z_bucket_w:1 offset:1 buckets:[12]}}"},
    // ... to the end of one that has observations.
    {"{{z_bucket:1 z_bucket_w:0.75}}", "{{buckets:[8 16] n_offset:-3 n_buckets:[1 2 4 32]}}",
     "{{z_bucket:48 z_bucket_w:1 offset:1 buckets:[16]}}",
     "{{z_bucket:-46 z_bucket_w:1 offset:1 buckets:[-16]}}"},
    {"{{buckets:[0 16] n_offset:1 n_buckets:[4]}}", "{{z_bucket:1 z_bucket_w:1.5}}",
     "{{z_bucket:21 z_bucket_w:2}}", "{{z_bucket:19 z_bucket_w:2}}"},
    // ... and what is in it is not counted twice where the resolution falls too.
    {"{{schema:-1 z_bucket:1 z_bucket_w:2}}", "{{schema:0 offset:1 buckets:[4 8]}}",
     "{{schema:-1 z_bucket:5 z_bucket_w:2 offset:1 buckets:[8]}}",
     "{{schema:-1 z_bucket:-3 z_bucket_w:2 offset:1 buckets:[-8]}}"},
    // Custom buckets.
    {"{{schema:-53 custom_values:[5 10] buckets:[1 2 4]}}",
     "{{schema:-53 custom_values:[5 10] offset:1 buckets:[8]}}",
     "{{schema:-53 custom_values:[5 10] buckets:[1 10 4]}}",
     "{{schema:-53 custom_values:[5 10] buckets:[1 -6 4]}}"},
    {"{{schema:-53 custom_values:[2 4 6] buckets:[1 2 5 7]}}",
     "{{schema:-53 custom_values:[1 2 3 4 5 6 7 8] buckets:[10 20 30 40 50 60 70 80 90]}}",
     "{{schema:-53 custom_values:[2 4 6] buckets:[31 72 115 247]}}",
     "{{schema:-53 custom_values:[2 4 6] buckets:[-29 -68 -105 -233]}}", true},
    {"{{schema:-53 custom_values:[1] buckets:[1 2]}}",
     "{{schema:-53 custom_values:[2] offset:1 buckets:[4]}}",
     "{{schema:-53 custom_values:[] buckets:[7]}}", "{{schema:-53 custom_values:[] buckets:[-1]}}",
     true},
    // Hints.
    {"{{counter_reset_hint:gauge}}", "{{counter_reset_hint:reset}}", "{{counter_reset_hint:gauge}}",
     "{{counter_reset_hint:gauge}}"},
    {"{{counter_reset_hint:not_reset}}", "{{counter_reset_hint:gauge}}",
     "{{counter_reset_hint:gauge}}", "{{counter_reset_hint:gauge}}"},
    {"{{counter_reset_hint:not_reset}}", "{{}}", "{{}}", "{{}}"},
    {"{{}}", "{{counter_reset_hint:reset}}", "{{}}", "{{}}"},
    {"{{counter_reset_hint:not_reset}}", "{{counter_reset_hint:not_reset}}",
     "{{counter_reset_hint:not_reset}}", "{{counter_reset_hint:not_reset}}"},
    {"{{counter_reset_hint:not_reset}}", "{{counter_reset_hint:reset}}", "{{}}", "{{}}", false,
     true},
};

TEST(CombineTest, SumsAndDifferences) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(std::string(c.a) + " " + std::string(c.b));
    const FloatHistogramSample b = Read(c.b);
    FloatHistogramSample sum = Read(c.a), difference = Read(c.a), compensated = Read(c.a);
    FloatHistogramSample lost = LostOf(compensated);
    CombineNotes notes, more_notes;
    ASSERT_TRUE(Add(ViewOf(b), sum, notes));
    ASSERT_TRUE(Subtract(ViewOf(b), difference, more_notes));
    ASSERT_TRUE(AddCompensated(ViewOf(b), compensated, lost, more_notes));
    EXPECT_EQ(ToNotation(ViewOf(sum)), c.sum);
    EXPECT_EQ(ToNotation(ViewOf(compensated)), c.sum);
    EXPECT_EQ(ToNotation(ViewOf(difference)), c.difference);
    for (const CombineNotes& n : {notes, more_notes}) {
      EXPECT_EQ(n.bounds_reconciled, c.bounds_reconciled);
      EXPECT_EQ(n.conflicting_resets, c.conflicting_resets);
    }
    EXPECT_EQ(lost.positive_counts.size(), compensated.positive_counts.size());
    EXPECT_EQ(lost.layout, compensated.layout);
  }
}

TEST(CombineTest, ExponentialAndCustomBucketsDoNotMix) {
  FloatHistogramSample a = Read("{{count:1 buckets:[1]}}");
  const FloatHistogramSample b = Read("{{schema:-53 count:1 custom_values:[5] buckets:[1]}}");
  CombineNotes notes;
  EXPECT_FALSE(Add(ViewOf(b), a, notes));
  EXPECT_EQ(ToNotation(ViewOf(a)), "{{count:1 buckets:[1]}}");
}

TEST(CombineTest, KeepsItsLayoutWhereItHasAllBuckets) {
  FloatHistogramSample a = Read("{{buckets:[1 2 3]}}");
  const auto layout = a.layout;
  CombineNotes notes;
  for (const std::string_view b : {"{{buckets:[1 1 1]}}", "{{offset:1 buckets:[5]}}", "{{}}"}) {
    ASSERT_TRUE(Add(ViewOf(Read(b)), a, notes));
  }
  EXPECT_EQ(a.layout, layout);
}

TEST(CombineTest, TimesAndBy) {
  struct Scaled {
    double factor;
    std::string_view product, quotient;
  };
  for (
      const Scaled& c :
      {Scaled{3, "{{count:90 sum:99 z_bucket:9 z_bucket_w:0.001 buckets:[9 9] n_buckets:[18]}}",
              "{{count:10 sum:11 z_bucket:1 z_bucket_w:0.001 buckets:[1 1] n_buckets:[2]}}"},
       {-3,
        "{{count:-90 sum:-99 z_bucket:-9 z_bucket_w:0.001 counter_reset_hint:gauge buckets:[-9 -9] "
        "n_buckets:[-18]}}",
        "{{count:-10 sum:-11 z_bucket:-1 z_bucket_w:0.001 counter_reset_hint:gauge buckets:[-1 -1] "
        "n_buckets:[-2]}}"},
       {0, "{{z_bucket_w:0.001}}", "{{count:+Inf sum:+Inf z_bucket:+Inf z_bucket_w:0.001}}"}}) {
    FloatHistogramSample product =
        Read("{{count:30 sum:33 z_bucket:3 z_bucket_w:0.001 buckets:[3 3] n_buckets:[6]}}");
    FloatHistogramSample quotient = product;
    Multiply(c.factor, product);
    Divide(c.factor, quotient);
    EXPECT_EQ(ToNotation(ViewOf(product)), c.product);
    EXPECT_EQ(ToNotation(ViewOf(quotient)), c.quotient);
  }
}

TEST(CombineTest, Compacts) {
  FloatHistogramSample h = Read("{{offset:-2 buckets:[0 1 0 0 2 3 0] n_buckets:[0 0]}}");
  Compact(h);
  EXPECT_EQ(h.positive_counts, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(h.layout->positive_spans, (std::vector<BucketSpan>{{-1, 1}, {2, 2}}));
  EXPECT_TRUE(h.layout->negative_spans.empty());
  const auto layout = h.layout;
  Compact(h);
  EXPECT_EQ(h.layout, layout);
}

TEST(HistogramSumTest, LosesNothingToRounding) {
  HistogramSum sum(ViewOf(Read("{{count:1 sum:5.3 z_bucket:1e100 buckets:[1]}}")));
  HistogramMean mean(ViewOf(Read("{{count:1 sum:5.3 z_bucket:1e100 buckets:[1]}}")));
  for (const std::string_view text :
       {"{{count:2 sum:1e100 z_bucket:1 buckets:[1e100]}}", "{{count:3 sum:1 buckets:[1]}}",
        "{{count:4 sum:-1e100 z_bucket:-1e100 buckets:[-1e100 4]}}"}) {
    ASSERT_TRUE(sum.Add(ViewOf(Read(text))));
    ASSERT_TRUE(mean.Add(ViewOf(Read(text))));
  }
  EXPECT_EQ(ToNotation(ViewOf(sum.Total())), "{{count:10 sum:6.3 z_bucket:1 buckets:[2 4]}}");
  EXPECT_EQ(ToNotation(ViewOf(mean.Mean())),
            "{{count:2.5 sum:1.575 z_bucket:0.25 buckets:[0.5 1]}}");
}

TEST(HistogramSumTest, MeanOfWhatOverflows) {
  HistogramMean mean(ViewOf(Read("{{count:1.5e308 sum:5.3}}")));
  for (const std::string_view text : {"{{count:1e308 sum:1e100}}", "{{sum:1}}", "{{sum:-1e100}}"}) {
    ASSERT_TRUE(mean.Add(ViewOf(Read(text))));
  }
  const FloatHistogramSample got = mean.Mean();
  EXPECT_DOUBLE_EQ(got.count, 6.25e307);
  EXPECT_NEAR(got.sum, 6.3 / 4, 1e-12);
}

TEST(HistogramSumTest, OneAloneStaysAsItIs) {
  const std::string_view text =
      "{{schema:3 count:4 sum:5 counter_reset_hint:reset buckets:[1 2 1]}}";
  EXPECT_EQ(ToNotation(ViewOf(HistogramMean(ViewOf(Read(text))).Mean())), text);
  EXPECT_EQ(ToNotation(ViewOf(HistogramSum(ViewOf(Read(text))).Total())), text);
}

TEST(HistogramSumTest, Notes) {
  HistogramSum sum(ViewOf(Read("{{counter_reset_hint:not_reset}}")));
  ASSERT_TRUE(sum.Add(ViewOf(Read("{{}}"))));
  EXPECT_FALSE(sum.notes().conflicting_resets);
  ASSERT_TRUE(sum.Add(ViewOf(Read("{{counter_reset_hint:reset}}"))));
  EXPECT_TRUE(sum.notes().conflicting_resets);
  EXPECT_FALSE(sum.notes().bounds_reconciled);
  EXPECT_FALSE(sum.Add(ViewOf(Read("{{schema:-53}}"))));
}

}  // namespace
}  // namespace tidemark::promql
