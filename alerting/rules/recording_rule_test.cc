#include "alerting/rules/recording_rule.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::alerting {
namespace {

promql::InstantVector TwoSeries() {
  return {{LabelSet{{"__name__", "m"}, {"job", "a"}, {"zone", "x"}}, 0, 1},
          {LabelSet{{"__name__", "m"}, {"job", "b"}}, 0, 2}};
}

TEST(RecordingRuleTest, RenamesAndLabels) {
  const auto recorded = RecordSeries("job:m", {{"team", "t"}, {"zone", ""}}, 2, TwoSeries());
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  ASSERT_EQ(recorded->size(), 2u);
  EXPECT_EQ((*recorded)[0].labels, (LabelSet{{"__name__", "job:m"}, {"job", "a"}, {"team", "t"}}));
  EXPECT_EQ((*recorded)[1].labels, (LabelSet{{"__name__", "job:m"}, {"job", "b"}, {"team", "t"}}));
  EXPECT_EQ((*recorded)[1].value, 2);
}

TEST(RecordingRuleTest, Refuses) {
  struct Case {
    RuleLabels labels;
    int64_t limit;
    std::string_view want;
  };
  const Case kCases[] = {
      {{{"job", "same"}, {"zone", ""}},
       0,
       "vector contains metrics with the same labelset after applying rule labels"},
      {{}, 1, "exceeded limit of 1 with 2 series"},
  };
  for (const Case& c : kCases) {
    const auto recorded = RecordSeries("r", c.labels, c.limit, TwoSeries());
    EXPECT_EQ(ToStd(recorded.status().message()), c.want);
  }
}

TEST(RecordingRuleTest, LabelsOfRulesWinOverThoseOfGroups) {
  EXPECT_EQ(MergeRuleLabels({{"b", "group"}, {"a", "group"}}, {{"c", "rule"}, {"b", "rule"}}),
            (RuleLabels{{"a", "group"}, {"b", "rule"}, {"c", "rule"}}));
}

}  // namespace
}  // namespace tidemark::alerting
