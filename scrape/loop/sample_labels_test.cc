#include "scrape/loop/sample_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

using ::testing::HasSubstr;

RelabelRule Rule(RelabelAction action, std::vector<std::string> source_labels,
                 std::string_view regex) {
  RelabelRule rule;
  rule.action = action;
  rule.source_labels = std::move(source_labels);
  rule.regex = *AnchoredRegex::Create(regex);
  return rule;
}

// One step for each pair of labels would take minutes.
TEST(SampleLabelsTest, ManyLabelsInTheWorstOrder) {
  ExpositionLabels sample = {{"__name__", "up"}};
  for (int i = 999'999; i >= 500'000; --i) sample.emplace_back(StrCat("l", i), "x");
  LabelSetBuilder labels;
  AddTargetLabels(sample, {{"job", "api"}, {"l700000", "y"}}, false, labels);
  EXPECT_EQ(labels.labels().size(), 500'003);
  EXPECT_EQ(labels.Get("exported_l700000"), "x");
}

TEST(SampleLabelsTest, AddsTargetLabels) {
  struct Case {
    std::string_view name;
    ExpositionLabels sample;
    bool honor_labels;
    LabelSet want;
  };
  const LabelSet target = {{"job", "api"}, {"instance", "h:1"}};
  const Case kCases[] = {
      {"no clash",
       {{"__name__", "up"}, {"a", "b"}},
       false,
       {{"__name__", "up"}, {"a", "b"}, {"job", "api"}, {"instance", "h:1"}}},
      {"the page's label is renamed",
       {{"__name__", "up"}, {"job", "x"}},
       false,
       {{"__name__", "up"}, {"exported_job", "x"}, {"job", "api"}, {"instance", "h:1"}}},
      {"until the name is free",
       {{"__name__", "up"}, {"job", "x"}, {"exported_job", "y"}},
       false,
       {{"__name__", "up"},
        {"exported_job", "y"},
        {"exported_exported_job", "x"},
        {"job", "api"},
        {"instance", "h:1"}}},
      {"an empty label of the page is no clash",
       {{"__name__", "up"}, {"job", ""}},
       false,
       {{"__name__", "up"}, {"job", "api"}, {"instance", "h:1"}}},
      {"honored",
       {{"__name__", "up"}, {"job", "x"}},
       true,
       {{"__name__", "up"}, {"job", "x"}, {"instance", "h:1"}}},
      {"honored where empty",
       {{"__name__", "up"}, {"instance", ""}},
       true,
       {{"__name__", "up"}, {"job", "api"}}},
  };
  for (const Case& c : kCases) {
    LabelSetBuilder labels;
    AddTargetLabels(c.sample, target, c.honor_labels, labels);
    EXPECT_EQ(labels.Build(), c.want) << c.name << ": " << labels.Build().ToString();
  }
}

TEST(SampleLabelsTest, BothOfTwoClashesThatMeetAreKept) {
  const LabelSet target = {{"job", "api"}, {"exported_job", "t"}};
  LabelSetBuilder labels;
  AddTargetLabels({{"__name__", "up"}, {"job", "x"}, {"exported_job", "y"}}, target, false, labels);
  EXPECT_EQ(labels.Build(), (LabelSet{{"__name__", "up"},
                                      {"job", "api"},
                                      {"exported_job", "t"},
                                      {"exported_exported_job", "x"},
                                      {"exported_exported_exported_job", "y"}}));
}

TEST(SampleLabelsTest, LimitsNameTheMetric) {
  struct Case {
    std::string_view name;
    size_t labels, name_length, value_length;
    std::string_view error;  // empty: accepted
  };
  constexpr Case kCases[] = {
      {"no limits", 0, 0, 0, ""},
      {"just within", 3, 8, 9, ""},
      {"labels", 2, 0, 0, "label_limit exceeded (metric: up, number of labels: 3, limit: 2)"},
      {"name length", 0, 7, 0,
       "label_name_length_limit exceeded (metric: up, label name: __name__, length: 8, limit: 7)"},
      {"value length", 0, 0, 8,
       "label_value_length_limit exceeded (metric: up, label name: path, value: \"/ninechar\", "
       "length: 9, limit: 8)"},
  };
  for (const Case& c : kCases) {
    ScrapeConfig config;
    config.label_limit = c.labels;
    config.label_name_length_limit = c.name_length;
    config.label_value_length_limit = c.value_length;
    const auto labels =
        SeriesLabels({{"__name__", "up"}, {"path", "/ninechar"}}, {{"job", "x"}}, config);
    EXPECT_EQ(ToStd(labels.status().message()), c.error) << c.name;
    EXPECT_EQ(absl::IsResourceExhausted(labels.status()), !c.error.empty()) << c.name;
  }
}

TEST(SampleLabelsTest, RelabelingSeesTargetLabelsAndMayDropOrRename) {
  ScrapeConfig config;
  config.metric_relabel_rules = {Rule(RelabelAction::kDrop, {"job", "__name__"}, "x;go_.*"),
                                 Rule(RelabelAction::kLabelDrop, {}, "__name__|nothing")};
  const auto dropped = SeriesLabels({{"__name__", "go_gc"}}, {{"job", "x"}}, config);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_TRUE(dropped->empty());
  const auto nameless = SeriesLabels({{"__name__", "up"}}, {{"job", "x"}}, config);
  EXPECT_EQ(nameless.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(nameless.status().ToString(), HasSubstr("{job=\"x\"}"));
}

TEST(SampleLabelsTest, NamesThatHaveToBeLegacy) {
  struct Case {
    ExpositionLabels labels;
    bool legacy;
  };
  const Case cases[] = {{{{"__name__", "job:up"}, {"path", "grün"}}, true},
                        {{{"__name__", "a.b"}}, false},
                        {{{"__name__", "up"}, {"a.b", "c"}}, false}};
  for (const Case& c : cases) {
    ScrapeConfig config;
    EXPECT_TRUE(SeriesLabels(c.labels, {}, config).ok()) << c.labels.back().first;
    config.formats.legacy_names = true;
    const absl::Status status = SeriesLabels(c.labels, {}, config).status();
    EXPECT_EQ(status.ok(), c.legacy) << status;
    if (!c.legacy) {
      EXPECT_THAT(status.ToString(), HasSubstr("invalid metric name or label names: "));
    }
  }
}

TEST(SampleLabelsTest, ConfigsThatLabelAlike) {
  const ScrapeConfig base;
  EXPECT_TRUE(LabelSamplesAlike(base, base));
  ScrapeConfig other = base;
  other.interval = 1;
  other.sample_limit = 1;
  EXPECT_TRUE(LabelSamplesAlike(base, other)) << "neither touches labels";
  other = base;
  other.honor_labels = true;
  EXPECT_FALSE(LabelSamplesAlike(base, other));
  other = base;
  other.label_limit = 1;
  EXPECT_FALSE(LabelSamplesAlike(base, other));
  other = base;
  other.formats.legacy_names = true;
  EXPECT_FALSE(LabelSamplesAlike(base, other));
  other = base;
  other.metric_relabel_rules.emplace_back();
  EXPECT_FALSE(LabelSamplesAlike(base, other));
  ScrapeConfig third = other;
  EXPECT_TRUE(LabelSamplesAlike(other, third));
  third.metric_relabel_rules[0].regex = *AnchoredRegex::Create("x");
  EXPECT_FALSE(LabelSamplesAlike(other, third));
}

}  // namespace
}  // namespace tidemark::scrape
