#include "promql/series_loader.h"

#include <gtest/gtest.h>

#include "tests/testing/memory_store.h"

namespace tidemark::promql {
namespace {

std::vector<SeriesLine> Lines(std::initializer_list<std::string_view> texts) {
  std::vector<SeriesLine> lines;
  for (const std::string_view text : texts) lines.push_back(*ParseSeriesLine(text));
  return lines;
}

TEST(SeriesLoaderTest, LoadsAsTimeGoesOn) {
  testing::MemoryStore store;
  SeriesLoader loader(Lines({"a 1 2 _ 4", "b 7"}), 1000, 500);
  const LabelSet a{{"__name__", "a"}}, b{{"__name__", "b"}};
  struct Step {
    TimestampMs through;
    size_t samples_of_a;
  };
  for (const Step& step :
       {Step{999, 0}, {1000, 1}, {1499, 1}, {2000, 2}, {2000, 2}, Step{kMaxTimestamp, 3}}) {
    ASSERT_TRUE(loader.LoadThrough(step.through, store).ok());
    EXPECT_EQ(store.Samples(a).size(), step.samples_of_a) << step.through;
  }
  EXPECT_EQ(store.Samples(a).back().timestamp, 2500);
  EXPECT_EQ(store.Samples(a).back().value, 4);
  EXPECT_EQ(store.Samples(b).size(), 1u);
}

TEST(SeriesLoaderTest, OfTwoLinesTheLaterCounts) {
  testing::MemoryStore store;
  ASSERT_TRUE(SeriesLoader(Lines({"a 1 2", "a 3"}), 0, 1).LoadThrough(5, store).ok());
  const std::vector<Sample> samples = store.Samples(LabelSet{{"__name__", "a"}});
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].value, 3);
}

TEST(SeriesLoaderTest, TellsWhatTheStoreRefuses) {
  testing::MemoryStore store;
  store.Add(LabelSet{{"__name__", "a"}}, 0, 9);
  const absl::Status status = SeriesLoader(Lines({"a 1"}), 0, 1).LoadThrough(0, store);
  EXPECT_EQ(status.message(), "duplicate sample for timestamp: a at 0 ms");
}

}  // namespace
}  // namespace tidemark::promql
