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
