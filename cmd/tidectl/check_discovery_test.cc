#include "cmd/tidectl/check_discovery.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tidectl {
namespace {

TEST(CheckServiceDiscoveryTest, PrintsWhatBecomesOfEachTarget) {
  const testing::TempDirectory directory;
  const std::string config = StrCat(directory.path(), "/a.yml");
  const std::string targets = StrCat(directory.path(), "/t.json");
  ASSERT_TRUE(WriteFileAtomically(config, R"(scrape_configs:
- job_name: none
- job_name: a
  file_sd_configs: [{files: [t.json]}]
  relabel_configs: [{source_labels: [__address__], regex: b, action: drop}]
)")
                  .ok());
  ASSERT_TRUE(WriteFileAtomically(targets, R"([{"targets":["a","b","c/d"]}])").ok());
  const std::string common = StrCat("\",\n      \"__meta_filepath\": \"", targets,
                                    "\",\n      \"__metrics_path__\": \"/metrics\",\n"
                                    "      \"__scheme__\": \"http\",\n"
                                    "      \"__scrape_interval__\": \"1m\",\n"
                                    "      \"__scrape_timeout__\": \"10s\",\n"
                                    "      \"job\": \"a\"\n    },\n    \"labels\": {");
  const std::string begin = "  {\n    \"discoveredLabels\": {\n      \"__address__\": \"";

  struct Case {
    std::string job;
    bool want_ok;
    std::string want_out, want_err;
  };
  const Case cases[] = {
      {"none", true, "[]\n", ""},
      {"a", true,
       StrCat("[\n", begin, "a", common,
              "\n      \"__address__\": \"a\",\n      \"__metrics_path__\": \"/metrics\",\n"
              "      \"__scheme__\": \"http\",\n      \"__scrape_interval__\": \"1m\",\n"
              "      \"__scrape_timeout__\": \"10s\",\n      \"instance\": \"a\",\n"
              "      \"job\": \"a\"\n    }\n  },\n",
              begin, "b", common, "}\n  },\n", begin, "c/d", common,
              "},\n    \"error\": \"\\\"c/d\\\" is not a valid hostname\"\n  }\n]\n"),
       ""},
      {"b", false, "", "Job b not found. Select one of:\n\tnone\n\ta\n"},
  };
  for (const Case& c : cases) {
    std::ostringstream out, err;
    EXPECT_EQ(CheckServiceDiscovery(config, c.job, kMinute, {out, err}), c.want_ok) << c.job;
    EXPECT_EQ(out.str(), c.want_out) << c.job;
    EXPECT_EQ(err.str(), c.want_err) << c.job;
  }
  std::ostringstream out, err;
  EXPECT_FALSE(CheckServiceDiscovery("/nonexistent", "a", kMinute, {out, err}));
  EXPECT_EQ(err.str().substr(0, 20), "Cannot load config: ");
}

}  // namespace
}  // namespace tidemark::tidectl
