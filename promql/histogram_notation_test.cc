#include "promql/histogram_notation.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "promql/histogram_text.h"
#include "promql/series_notation.h"

namespace tidemark::promql {
namespace {

TEST(HistogramNotationTest, ReadsWhatItWrites) {
  for (const std::string_view text :
       {"{{}}",
        "{{schema:1 count:12 sum:18.4 z_bucket:2 z_bucket_w:0.001 buckets:[1 2 0 1] "
        "n_offset:-3 n_buckets:[1]}}",
        "{{schema:-53 count:4 sum:5 custom_values:[-5 10] buckets:[1 2 1]}}",
        "{{schema:-53 custom_values:[]}}", "{{count:-1e+50 sum:NaN counter_reset_hint:gauge}}",
        "{{sum:-Inf counter_reset_hint:not_reset}}",
        "{{count:0.5 counter_reset_hint:reset offset:-2 buckets:[0.5]}}"}) {
    std::string_view rest = text;
    const auto noted = ConsumeHistogram(rest);
    ASSERT_TRUE(noted.ok()) << noted.status();
    EXPECT_EQ(rest, "");
    EXPECT_EQ(ToNotation(ViewOf(noted->histogram)), text);
    EXPECT_EQ(noted->has_hint, text.find("hint") != text.npos);
  }
}

TEST(HistogramNotationTest, SpaceAndOrderDoNotMatter) {
  std::string_view text = "{{ buckets:[ 1  0\t2 ] sum:1e2 n_buckets:[] offset:3   schema:-1 }}x5";
  const auto noted = ConsumeHistogram(text);
  ASSERT_TRUE(noted.ok()) << noted.status();
  EXPECT_EQ(text, "x5");
  EXPECT_EQ(ToNotation(ViewOf(noted->histogram)), "{{schema:-1 sum:100 offset:3 buckets:[1 0 2]}}");
}

TEST(HistogramNotationTest, FarApartBucketsAreNotWrittenOneByOne) {
  std::string_view text = "{{offset:-2000000000 buckets:[1]}}";
  FloatHistogramSample h = ConsumeHistogram(text)->histogram;
  EXPECT_EQ(ToNotation(ViewOf(h)), "{{offset:-2000000000 buckets:[1]}}");
  HistogramLayout layout;
  layout.positive_spans = {{0, 1}, {2'000'000'000, 1}};
  h.layout = std::make_shared<const HistogramLayout>(layout);
  h.positive_counts = {1, 2};
  EXPECT_EQ(ToNotation(ViewOf(h)), "{count:0, sum:0, (0.5,1]:1, (+Inf,+Inf]:2}");
}

TEST(HistogramNotationTest, Errors) {
  for (const std::string_view text : {"",
                                      "{",
                                      "{{",
                                      "{{}",
                                      "{{sum}}",
                                      "{{sum:}}",
                                      "{{sum:x}}",
                                      "{{sum:1 sum:1}}",
                                      "{{height:1}}",
                                      "{{schema:1.5}}",
                                      "{{schema:9}}",
                                      "{{schema:-53 custom_values:[2 1]}}",
                                      "{{custom_values:[1]}}",
                                      "{{buckets:[1}}",
                                      "{{buckets:1}}",
                                      "{{sum:[1]}}",
                                      "{{buckets:[1 x]}}",
                                      "{{schema:-53 buckets:[1 2]}}",
                                      "{{offset:2147483647 buckets:[1 2]}}",
                                      "{{z_bucket_w:NaN}}",
                                      "{{counter_reset_hint:maybe}}",
                                      "{{offset:99999999999 buckets:[1]}}"}) {
    std::string_view rest = text;
    EXPECT_TRUE(absl::IsInvalidArgument(ConsumeHistogram(rest).status())) << text;
  }
}

TEST(SeriesNotationTest, Histograms) {
  const auto line = ParseSeriesLine(
      "h{a=\"b\"} 7 {{count:1}}+{{count:2 buckets:[2]}}x2 _ {{sum:5}}-{{sum:1}}x1 {{sum:3 "
      "counter_reset_hint:unknown}}x1 8");
  ASSERT_TRUE(line.ok()) << line.status();
  const std::vector<std::string_view> want = {
      "7",         "{{count:1}}", "{{count:3 buckets:[2]}}", "{{count:5 buckets:[4]}}", "",
      "{{sum:5}}", "{{sum:4}}",   "{{sum:3}} with hint",     "{{sum:3}} with hint",     "8"};
  ASSERT_EQ(line->points.size(), want.size());
  ASSERT_EQ(line->histograms.size(), want.size());
  ASSERT_EQ(line->have_hints.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    std::string got;
    if (line->points[i]) got = std::to_string(static_cast<int>(*line->points[i]));
    if (line->histograms[i]) got += ToNotation(ViewOf(*line->histograms[i]));
    if (line->have_hints[i]) got += " with hint";
    EXPECT_EQ(got, want[i]);
  }
  EXPECT_EQ(line->histograms[7], line->histograms[8]);
  EXPECT_TRUE(HasPoints(*line));
}

TEST(SeriesNotationTest, BadHistograms) {
  for (const std::string_view text :
       {"a {{sum:1}}+{{sum:1}}", "a {{sum:1}}+1x2", "a {{sum:1}}x", "a {{sum:1}}y2",
        "a {{sum:1}}+{{schema:-53}}x2", "a {{sum:1}}x99999999999", "a {{sum:1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseSeriesLine(text).status())) << text;
  }
}

}  // namespace
}  // namespace tidemark::promql
