#include "scrape/discovery_check.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

TEST(DiscoveryCheckTest, SaysWhatBecomesOfEachAddress) {
  ScrapeConfig config;
  config.job_name = "j";
  RelabelRule drop;
  drop.source_labels = {"drop"};
  drop.regex = *AnchoredRegex::Create("yes");
  drop.action = RelabelAction::kDrop;
  config.relabel_rules = {drop};
  const LabelSet meta{{"__meta_x", "1"}, {"y", "2"}};
  const auto targets = CheckTargets(
      config,
      {{{"a:1", "a:1"}, meta}, {{"b:1"}, {{"drop", "yes"}}}, {{"c/1"}, {}}, {{"a:1"}, meta}});
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0].discovered_labels.Get("__meta_x"), "1");
  EXPECT_EQ(targets[0].labels.ToString(),
            "{__address__=\"a:1\", __metrics_path__=\"/metrics\", __scheme__=\"http\", "
            "__scrape_interval__=\"1m\", __scrape_timeout__=\"10s\", instance=\"a:1\", job=\"j\", "
            "y=\"2\"}");
  EXPECT_EQ(targets[0].error, "");
  EXPECT_EQ(targets[1].labels, LabelSet());
  EXPECT_EQ(targets[1].error, "");
  EXPECT_EQ(targets[2].labels, LabelSet());
  EXPECT_EQ(targets[2].error, "\"c/1\" is not a valid hostname");
}

}  // namespace
}  // namespace tidemark::scrape
