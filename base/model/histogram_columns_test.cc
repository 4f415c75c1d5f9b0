#include "base/model/histogram_columns.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/model/sample.h"

namespace tidemark {
namespace {

std::shared_ptr<const HistogramLayout> Layout(uint32_t num_positive, uint32_t num_negative) {
  HistogramLayout layout;
  layout.positive_spans = {{0, num_positive}};
  if (num_negative > 0) layout.negative_spans = {{1, num_negative}};
  return std::make_shared<const HistogramLayout>(std::move(layout));
}

FloatHistogramSample Histogram(const std::shared_ptr<const HistogramLayout>& layout, double base) {
  FloatHistogramSample h;
  h.layout = layout;
  h.sum = base;
  for (uint32_t i = 0; i < NumBuckets(layout->positive_spans); ++i) {
    h.positive_counts.push_back(base + i);
  }
  for (uint32_t i = 0; i < NumBuckets(layout->negative_spans); ++i) {
    h.negative_counts.push_back(-base - i);
  }
  return h;
}

TEST(HistogramColumnsTest, GivesBackWhatWasAdded) {
  const auto layout = Layout(3, 2);
  const FloatHistogramSample first = Histogram(layout, 1), other = Histogram(Layout(1, 0), 5);
  HistogramColumns columns;
  columns.push_back(10, first);
  columns.push_back(20, Histogram(Layout(3, 2), 2));  // an equal layout, another object
  columns.push_back(30, other);
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_TRUE(columns.SharesLayout(0));
  EXPECT_FALSE(columns.SharesLayout(1));
  EXPECT_TRUE(SameBits(ToFloatHistogram(columns[0]), first));
  EXPECT_TRUE(SameBits(ToFloatHistogram(columns[2]), other));
  EXPECT_TRUE(columns[0].is_float);
}

TEST(HistogramColumnsTest, IntegersStayExactUpToTheGreatestCount) {
  HistogramSample h;
  h.layout = Layout(2, 0);
  h.count = kMaxExactCount;
  h.positive_counts = {kMaxExactCount - 1, 1};
  HistogramColumns columns;
  columns.push_back(10, h);
  EXPECT_FALSE(columns[0].is_float);
  EXPECT_TRUE(SameBits(ToIntegerHistogram(columns[0]), h));
}

TEST(HistogramColumnsTest, StartsGoWhereTheirSamplesGo) {
  using Times = std::vector<TimestampMs>;
  const auto starts_of = [](const HistogramColumns& columns) {
    return Times(columns.start_timestamps().begin(), columns.start_timestamps().end());
  };
  HistogramColumns columns, other;
  for (const TimestampMs t : {10, 20, 30}) columns.push_back(t, Histogram(Layout(1, 0), 1));
  EXPECT_EQ(starts_of(columns), Times());
  columns.SetStart(1, 15);
  EXPECT_EQ(starts_of(columns), (Times{0, 15, 0}));
  EXPECT_EQ(columns[1].start_timestamp, 15);
  other.push_back(25, columns[1]);
  EXPECT_EQ(starts_of(other), Times{15});
  MergeHistograms(other, columns);
  EXPECT_EQ(starts_of(columns), (Times{0, 15, 15, 0}));
  columns.KeepRange({20, 30});
  EXPECT_EQ(starts_of(columns), (Times{15, 15, 0}));
  HistogramColumns all;
  all.push_back(5, Histogram(Layout(1, 0), 1));
  all.Append(columns);
  EXPECT_EQ(starts_of(all), (Times{0, 15, 15, 0}));
  columns.Truncate(1);
  EXPECT_EQ(starts_of(columns), Times{15});
  columns.clear();
  EXPECT_EQ(starts_of(columns), Times());
}

TEST(HistogramColumnsTest, MergedSamplesHaveNoTimeTwice) {
  const auto layout = Layout(1, 0);
  SampleColumns into, from;
  into.push_back(10, 1);
  into.histograms.push_back(20, Histogram(layout, 2));
  into.push_back(40, 4);
  from.histograms.push_back(10, Histogram(layout, 100));  // a float is there
  from.push_back(20, 100);                                // a histogram is there
  from.histograms.push_back(30, Histogram(layout, 3));
  from.push_back(50, 5);
  MergeSamples(from, into);
  EXPECT_EQ(into.timestamps, (std::vector<TimestampMs>{10, 40, 50}));
  ASSERT_EQ(into.histograms.size(), 2u);
  EXPECT_EQ(into.histograms.timestamps()[0], 20);
  EXPECT_EQ(into.histograms[0].sum, 2);
  EXPECT_EQ(into.histograms[1].sum, 3);
  KeepRange({20, 40}, into);
  EXPECT_EQ(into.timestamps, (std::vector<TimestampMs>{40}));
  EXPECT_EQ(into.histograms.size(), 2u);
  KeepRange({30, 40}, into);
  EXPECT_EQ(into.histograms.size(), 1u);
}

}  // namespace
}  // namespace tidemark
