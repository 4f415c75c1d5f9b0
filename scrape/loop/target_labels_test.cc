#include "scrape/loop/target_labels.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

ScrapeConfig NodeConfig() {
  ScrapeConfig config;
  config.job_name = "node";
  config.interval = 15 * kSecond;
  config.params = {{"module", "cpu"}, {"collect[]", "a"}, {"collect[]", "b"}};
  return config;
}

RelabelRule Replace(std::string target, std::string replacement) {
  RelabelRule rule;
  rule.target_label = std::move(target);
  rule.replacement = std::move(replacement);
  return rule;
}

TEST(TargetLabelsTest, DiscoveredLabelsHaveTheDefaults) {
  EXPECT_EQ(DiscoveredLabels(NodeConfig(), "h:9100", {{"env", "prod"}}),
            (LabelSet{{"__address__", "h:9100"},
                      {"__metrics_path__", "/metrics"},
                      {"__param_collect[]", "a"},
                      {"__param_module", "cpu"},
                      {"__scheme__", "http"},
                      {"__scrape_interval__", "15s"},
                      {"__scrape_timeout__", "10s"},
                      {"env", "prod"},
                      {"job", "node"}}));
  EXPECT_EQ(DiscoveredLabels(NodeConfig(), "h:1", {{"job", "mine"}}).Get("job"), "mine");
}

TEST(TargetLabelsTest, RelabelingMakesTheTarget) {
  struct Case {
    std::string_view name;
    std::vector<RelabelRule> rules;
    LabelSet want_labels;
    std::string_view want_url;
  };
  const LabelSet plain = {{"instance", "h:9100"}, {"job", "node"}};
  constexpr std::string_view kQuery = "?collect%5B%5D=a&collect%5B%5D=b&module=cpu";
  const Case kCases[] = {
      {"none", {}, plain, "http://h:9100/metrics"},
      {"address",
       {Replace("__address__", "p:1")},
       {{"instance", "p:1"}, {"job", "node"}},
       "http://p:1/metrics"},
      {"instance of its own",
       {Replace("instance", "i")},
       {{"instance", "i"}, {"job", "node"}},
       "http://h:9100/metrics"},
      {"scheme and path",
       {Replace("__scheme__", "https"), Replace("__metrics_path__", "probe")},
       plain,
       "https://h:9100/probe"},
      {"reserved labels go",
       {Replace("__tmp_x", "1"), Replace("__meta_y", "2")},
       plain,
       "http://h:9100/metrics"},
  };
  for (const Case& c : kCases) {
    ScrapeConfig config = NodeConfig();
    config.relabel_rules = c.rules;
    const auto target = RelabelTarget(config, DiscoveredLabels(config, "h:9100", {}));
    ASSERT_TRUE(target.ok() && target->has_value()) << c.name << ": " << target.status();
    EXPECT_EQ((*target)->labels, c.want_labels) << c.name;
    EXPECT_EQ((*target)->url, StrCat(c.want_url, kQuery)) << c.name;
    EXPECT_EQ((*target)->interval, 15 * kSecond) << c.name;
  }
}

TEST(TargetLabelsTest, ParamLabelReplacesTheFirstValue) {
  ScrapeConfig config = NodeConfig();
  config.relabel_rules = {Replace("__param_collect[]", "z"), Replace("__param_target", "t/1")};
  const auto target = RelabelTarget(config, DiscoveredLabels(config, "h:1", {}));
  ASSERT_TRUE(target.ok());
  EXPECT_EQ((*target)->url,
            "http://h:1/metrics?collect%5B%5D=z&collect%5B%5D=b&module=cpu&target=t%2F1");
}

TEST(TargetLabelsTest, TimingComesFromLabels) {
  ScrapeConfig config = NodeConfig();
  const auto target = RelabelTarget(
      config, DiscoveredLabels(config, "h:1",
                               {{"__scrape_interval__", "1m"}, {"__scrape_timeout__", "500ms"}}));
  ASSERT_TRUE(target.ok());
  EXPECT_EQ((*target)->interval, kMinute);
  EXPECT_EQ((*target)->timeout, 500);
}

TEST(TargetLabelsTest, DropsAndRefuses) {
  ScrapeConfig config = NodeConfig();
  RelabelRule drop;
  drop.action = RelabelAction::kDrop;
  drop.source_labels = {"gone"};
  drop.regex = *AnchoredRegex::Create("yes");
  config.relabel_rules = {drop};
  const auto dropped = RelabelTarget(config, DiscoveredLabels(config, "h:1", {{"gone", "yes"}}));
  ASSERT_TRUE(dropped.ok());
  EXPECT_FALSE(dropped->has_value());

  struct Case {
    LabelSet group;
    std::string_view address, error;
  };
  const Case kCases[] = {
      {{}, "", "no address"},
      {{}, "h/x", "\"h/x\" is not a valid hostname"},
      {{{"__scrape_interval__", "0s"}}, "h:1", "scrape interval cannot be 0"},
      {{{"__scrape_timeout__", "1m"}},
       "h:1",
       "scrape timeout cannot be greater than scrape interval (\"1m\" > \"15s\")"},
  };
  for (const Case& c : kCases) {
    const auto target = RelabelTarget(config, DiscoveredLabels(config, c.address, c.group));
    EXPECT_EQ(ToStd(target.status().message()), c.error);
    EXPECT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument) << c.error;
  }
}

}  // namespace
}  // namespace tidemark::scrape
