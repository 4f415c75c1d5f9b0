#include "cmd/tidectl/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tidectl {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class CheckTest : public ::testing::Test {
 protected:
  std::string Write(std::string_view name, std::string_view text) const {
    const std::string path = StrCat(directory_.path(), "/", name);
    std::ofstream(path) << text;
    return path;
  }

  const testing::TempDirectory directory_;
  std::ostringstream out_, err_;
  const Output output_{out_, err_};
};

constexpr char kRules[] = R"(groups:
- name: g
  rules:
  - {record: a, expr: sum(b)}
  - {alert: A, expr: a > 1}
)";

TEST_F(CheckTest, AValidConfigurationAndItsRules) {
  const std::string rules = Write("a.rules.yml", kRules);
  const std::string path = Write("a.yml", "rule_files: ['*.rules.yml', 'none*.yml']\n");
  EXPECT_TRUE(CheckConfigs({path}, {}, output_));
  EXPECT_EQ(out_.str(), StrCat("Checking ", path, "\n  SUCCESS: 1 rule files found\n SUCCESS: ",
                               path, " is valid prometheus config file syntax\n\nChecking ", rules,
                               "\n  SUCCESS: 2 rules found\n\n"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CheckTest, FailuresSayFileLineAndReason) {
  const std::string path = Write("a.yml", "global:\n  nonsense: 1\n");
  const std::string valid = Write("b.yml", "");
  EXPECT_FALSE(CheckConfigs({path, valid}, {}, output_));
  EXPECT_EQ(err_.str(), StrCat("  FAILED: ", path, ":2: field nonsense not found\n"));
  EXPECT_THAT(out_.str(), HasSubstr(StrCat(" SUCCESS: ", valid, " is valid")));
}

TEST_F(CheckTest, ARuleFileThatIsNotThere) {
  const std::string path = Write("a.yml", "rule_files: [absent.yml]\n");
  EXPECT_FALSE(CheckConfigs({path}, {}, output_));
  EXPECT_THAT(err_.str(), HasSubstr("absent.yml\" does not point to an existing file"));
}

TEST_F(CheckTest, FilesOfTargetsAndOfSecrets) {
  Write("good.yml", "- targets: ['a:1']");
  Write("bad.json", "[{}, 5]");
  const std::string valid = Write(
      "a.yml",
      "scrape_configs: [{job_name: j, file_sd_configs: [{files: [good.yml, absent.yml]}]}]\n");
  EXPECT_TRUE(CheckConfigs({valid}, {}, output_)) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(StrCat("  WARNING: file \"", directory_.path(),
                                           "/absent.yml\" for file_sd in scrape job \"j\" does "
                                           "not exist\n")));
  const auto check = [&](std::string_view fields) {
    const std::string path =
        Write("b.yml", StrCat("scrape_configs: [{job_name: j, ", fields, "}]\n"));
    EXPECT_FALSE(CheckConfigs({path}, {}, output_)) << fields;
    return std::exchange(err_, std::ostringstream()).str();
  };
  EXPECT_THAT(check("file_sd_configs: [{files: [bad.json]}]"),
              HasSubstr(StrCat("checking SD file \"", directory_.path(), "/bad.json\": ")));
  EXPECT_EQ(check("authorization: {credentials_file: /nonexistent}"),
            "  FAILED: error checking authorization credentials or bearer token file "
            "\"/nonexistent\": no such file or directory\n");
  EXPECT_THAT(check("tls_config: {cert_file: /nonexistent, key_file: a}"),
              HasSubstr("error checking client cert file \"/nonexistent\""));
}

TEST_F(CheckTest, BadRules) {
  const std::string rules =
      Write("a.rules.yml", "groups:\n- name: g\n  rules:\n  - record: a\n    expr: sum(\n");
  EXPECT_FALSE(CheckRules({rules}, {}, output_));
  EXPECT_THAT(err_.str(), StartsWith(StrCat("  FAILED: ", rules, ":5: ")));

  const std::string config = Write("a.yml", "rule_files: [a.rules.yml]\n");
  EXPECT_FALSE(CheckConfigs({config}, {}, output_));
  EXPECT_FALSE(CheckRules({"/nonexistent.yml"}, {}, output_));
}

TEST_F(CheckTest, FeaturesChangeWhatIsAllowed) {
  const std::string rules =
      Write("a.rules.yml", "groups: [{name: g, rules: [{record: a, expr: 'limitk(1, b)'}]}]\n");
  EXPECT_FALSE(CheckRules({rules}, {}, output_));
  EXPECT_TRUE(CheckRules({rules}, {.experimental_functions = true}, output_));
}

}  // namespace
}  // namespace tidemark::tidectl
