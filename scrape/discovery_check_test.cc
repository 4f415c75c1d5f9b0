#include "scrape/discovery_check.h"

#include <gtest/gtest.h>

#include "base/io/file.h"
#include "base/strings.h"
#include "scrape/discovery/file_discovery.h"
#include "tests/testing/temp_directory.h"

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

TEST(DiscoveryCheckTest, LooksIntoFilesOfTargets) {
  testing::TempDirectory directory;
  const auto path = [&](std::string_view name) { return StrCat(directory.path(), "/", name); };
  ASSERT_TRUE(WriteFileAtomically(path("good.yml"), "- targets: ['a:1']").ok());
  ASSERT_TRUE(WriteFileAtomically(path("bad.json"), "[{\"targets\": 5}]").ok());
  ASSERT_TRUE(WriteFileAtomically(path("worse.yml"), "- targets: ['a/b']").ok());
  struct Case {
    std::vector<std::string> patterns;
    std::string error;  // the beginning
    std::vector<std::string> missing;
  };
  const Case cases[] = {
      {{path("g*.yml"), path("absent.yml")}, "", {path("absent.yml")}},
      {{path("*.json")}, StrCat("checking SD file \"", path("bad.json"), "\": "), {}},
      {{path("worse.yml")},
       StrCat("checking SD file \"", path("worse.yml"), "\": \"a/b\" is not a valid hostname"),
       {}},
  };
  for (const Case& c : cases) {
    auto files = std::make_shared<FileDiscovery>();
    files->patterns = c.patterns;
    ScrapeConfig config;
    config.discovery = {files};
    std::vector<std::string> missing;
    const absl::Status status = CheckTargetFiles(config, &missing);
    EXPECT_EQ(status.ok(), c.error.empty());
    EXPECT_TRUE(ToStd(status.message()).starts_with(c.error)) << status;
    EXPECT_EQ(missing, c.missing);
  }
  ScrapeConfig config;
  config.static_configs = {{{"a/b"}, {}}};
  std::vector<std::string> missing;
  EXPECT_FALSE(CheckTargetFiles(config, &missing).ok());
}

}  // namespace
}  // namespace tidemark::scrape
