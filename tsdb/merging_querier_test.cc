#include "tsdb/merging_querier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/memory_store.h"

namespace tidemark::tsdb {
namespace {

using ::testing::ElementsAre;
using tidemark::testing::MemoryStore;

class BrokenQuerier : public Querier {
 public:
  absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher>,
                                                    TimeRange) const override {
    return absl::UnavailableError("broken");
  }
  absl::StatusOr<std::vector<std::string>> LabelNames(std::span<const LabelMatcher>,
                                                      TimeRange) const override {
    return absl::UnavailableError("broken");
  }
  absl::StatusOr<std::vector<std::string>> LabelValues(std::string_view,
                                                       std::span<const LabelMatcher>,
                                                       TimeRange) const override {
    return absl::UnavailableError("broken");
  }
};

template <typename... Queriers>
MergingQuerier Merge(Queriers... queriers) {
  std::vector<std::unique_ptr<Querier>> list;
  (list.push_back(std::move(queriers)), ...);
  return MergingQuerier(std::move(list));
}

TEST(MergingQuerierTest, MergesByLabelSet) {
  MemoryStore first, second, third;
  first.Add({{"__name__", "a"}}, 10, 1);
  first.Add({{"__name__", "a"}}, 30, 3);
  first.Add({{"__name__", "c"}, {"x", "1"}}, 10, 7);
  second.Add({{"__name__", "a"}}, 20, 2);
  second.Add({{"__name__", "a"}}, 30, 99);  // the first has the say
  second.Add({{"__name__", "a"}}, 40, 4);
  third.Add({{"__name__", "b"}}, 5, 5);
  const MergingQuerier merged = Merge(first.NewQuerier(), second.NewQuerier(), third.NewQuerier());

  const auto set = merged.Select({}, TimeRange());
  ASSERT_TRUE(set.ok()) << set.status();
  std::vector<std::string> labels;
  for (size_t i = 0; i < (*set)->size(); ++i) labels.push_back((*set)->labels(i).ToString());
  EXPECT_THAT(labels, ElementsAre("a", "b", "c{x=\"1\"}"));
  SampleColumns samples;
  ASSERT_TRUE((*set)->Read(0, samples).ok());
  EXPECT_THAT(samples.timestamps, ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(samples.values, ElementsAre(1, 2, 3, 4));
  ASSERT_TRUE((*set)->Read(1, samples).ok());
  EXPECT_THAT(samples.timestamps, ElementsAre(5));

  EXPECT_THAT(*merged.LabelNames({}, TimeRange()), ElementsAre("__name__", "x"));
  EXPECT_THAT(*merged.LabelValues("__name__", {}, TimeRange()), ElementsAre("a", "b", "c"));
}

// One series whose samples come in chunks of three.
class ChunkedQuerier : public BrokenQuerier {
 public:
  explicit ChunkedQuerier(std::vector<TimestampMs> times) : times_(std::move(times)) {}
  absl::StatusOr<std::unique_ptr<SeriesSet>> Select(std::span<const LabelMatcher>,
                                                    TimeRange) const override {
    return std::make_unique<Set>(times_);
  }

 private:
  class Set : public SeriesSet {
   public:
    explicit Set(std::vector<TimestampMs> times) : times_(std::move(times)) {}
    size_t size() const override { return 1; }
    std::string_view label_bytes(size_t) const override { return labels_.bytes(); }
    absl::Status Read(size_t, SampleColumns& out) const override {
      out.clear();
      for (const TimestampMs t : times_) out.push_back(t, static_cast<double>(t));
      return absl::OkStatus();
    }
    TimeRange Extent(size_t) const override { return {times_.front(), times_.back()}; }
    absl::Status ReadSummaries(size_t, std::vector<ChunkSummary>& out) const override {
      out.clear();
      for (size_t i = 0; i + 3 <= times_.size(); i += 3) {
        out.push_back({.range = {times_[i], times_[i + 2]}, .num_samples = 3});
      }
      return absl::OkStatus();
    }

   private:
    const std::vector<TimestampMs> times_;
    const LabelSet labels_{{"__name__", "a"}};
  };
  const std::vector<TimestampMs> times_;
};

TEST(MergingQuerierTest, SummariesOfChunksThatNoOtherTouches) {
  struct Case {
    std::string_view name;
    std::vector<TimestampMs> head, block;
    std::vector<TimestampMs> want;  // where the summaries begin
    TimestampMs newest;
  };
  const Case cases[] = {
      {"one after another", {70, 80, 90, 100}, {10, 20, 30, 40, 50, 60}, {10, 40, 70}, 100},
      {"the second reaches into a chunk", {55, 80, 90}, {10, 20, 30, 40, 50, 60}, {10}, 90},
      {"one inside the other", {31, 32, 33}, {10, 20, 30, 40, 50, 60}, {10, 40}, 60},
      {"equal", {10, 20, 30}, {10, 20, 30}, {}, 30},
  };
  for (const Case& c : cases) {
    const MergingQuerier merged =
        Merge(std::make_unique<ChunkedQuerier>(c.block), std::make_unique<ChunkedQuerier>(c.head));
    const auto set = merged.Select({}, TimeRange());
    ASSERT_TRUE(set.ok()) << set.status();
    ASSERT_EQ((*set)->size(), 1u) << c.name;
    std::vector<ChunkSummary> summaries;
    ASSERT_TRUE((*set)->ReadSummaries(0, summaries).ok());
    std::vector<TimestampMs> begins;
    for (const ChunkSummary& s : summaries) begins.push_back(s.range.min);
    EXPECT_EQ(begins, c.want) << c.name;
    const TimeRange extent = {std::min(c.head.front(), c.block.front()),
                              std::max(c.head.back(), c.block.back())};
    EXPECT_EQ((*set)->Extent(0), extent) << c.name;
    SampleColumns newest;
    ASSERT_TRUE((*set)->ReadNewest(0, newest).ok());
    EXPECT_THAT(newest.timestamps, ElementsAre(c.newest)) << c.name;
  }
}

TEST(MergingQuerierTest, OfNoneIsEmpty) {
  const MergingQuerier merged = Merge();
  EXPECT_EQ((*merged.Select({}, TimeRange()))->size(), 0u);
  EXPECT_TRUE(merged.LabelNames({}, TimeRange())->empty());
}

TEST(MergingQuerierTest, AnErrorOfOneIsAnErrorOfAll) {
  MemoryStore store;
  store.Add({{"__name__", "a"}}, 10, 1);
  const MergingQuerier merged = Merge(store.NewQuerier(), std::make_unique<BrokenQuerier>());
  EXPECT_TRUE(absl::IsUnavailable(merged.Select({}, TimeRange()).status()));
  EXPECT_TRUE(absl::IsUnavailable(merged.LabelNames({}, TimeRange()).status()));
  EXPECT_TRUE(absl::IsUnavailable(merged.LabelValues("a", {}, TimeRange()).status()));
}

}  // namespace
}  // namespace tidemark::tsdb
