#include "base/model/sample.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

using Times = std::vector<TimestampMs>;

TEST(SampleColumnsTest, StartTimestampsStayWithTheirSamples) {
  SampleColumns samples = {{10, 20, 30, 40}, {1, 2, 3, 4}, {1, 2, 3, 4}};
  KeepRange({15, 30}, samples);
  EXPECT_EQ(samples.timestamps, (Times{20, 30}));
  EXPECT_EQ(samples.start_timestamps, (Times{2, 3}));

  // Between and behind, from a source that knows none; 0 is not known.
  MergeSamples({{20, 25}, {7, 8}}, samples);
  EXPECT_EQ(samples.timestamps, (Times{20, 25, 30}));
  EXPECT_EQ(samples.start_timestamps, (Times{2, 0, 3}));
  MergeSamples({{50}, {9}}, samples);
  EXPECT_EQ(samples.start_timestamps, (Times{2, 0, 3, 0}));

  SampleColumns without = {{10}, {1}};
  MergeSamples({{20}, {2}, {5}}, without);
  EXPECT_EQ(without.start_timestamps, (Times{0, 5}));
  MergeSamples({{5, 20}, {2, 2}, {3, 4}}, without);
  EXPECT_EQ(without.start_timestamps, (Times{3, 0, 5})) << "what is there stays";

  SampleColumns none = {{10}, {1}};
  MergeSamples({{20}, {2}}, none);
  EXPECT_TRUE(none.start_timestamps.empty());
}

}  // namespace
}  // namespace tidemark
