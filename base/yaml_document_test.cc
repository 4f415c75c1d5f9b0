#include "base/yaml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct Job {
  std::string name;
  bool enabled = true;
  int64_t limit = 7;
  double factor = 0.5;
  DurationMs interval = kMinute;
  std::optional<DurationMs> timeout;
  uint64_t body = 1;
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::string>> labels;
};

absl::StatusOr<Job> ReadJob(std::string_view text) {
  ASSIGN_OR_RETURN(const YamlNode node, YamlDocument::Parse(text, "a.yml"));
  Job job;
  YamlFields fields(node);
  fields.Read("name", &job.name)
      .Read("enabled", &job.enabled)
      .Read("limit", &job.limit)
      .Read("factor", &job.factor)
      .ReadDuration("interval", &job.interval)
      .ReadDuration("timeout", &job.timeout)
      .ReadByteSize("body", &job.body)
      .Read("files", &job.files)
      .Read("labels", &job.labels);
  RETURN_IF_ERROR(fields.Finish());
  return job;
}

TEST(YamlFieldsTest, ReadsEveryType) {
  const absl::StatusOr<Job> job = ReadJob(R"(
name: 'api'
enabled: false
limit: 12
factor: 2
interval: 1h30m
timeout: 5s
body: 2KB
files: [a, "b", 3]
labels: {z: 1, a: true}
)");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->name, "api");
  EXPECT_FALSE(job->enabled);
  EXPECT_EQ(job->limit, 12);
  EXPECT_EQ(job->factor, 2);
  EXPECT_EQ(job->interval, 90 * kMinute);
  EXPECT_EQ(job->timeout, 5 * kSecond);
  EXPECT_EQ(job->body, 2048u);
  EXPECT_THAT(job->files, ElementsAre("a", "b", "3"));
  EXPECT_THAT(job->labels, ElementsAre(Pair("z", "1"), Pair("a", "true")));
}

TEST(YamlFieldsTest, AbsentAndNullKeepDefaults) {
  for (std::string_view text : {"", "{}", "limit:\nenabled: ~\nfactor: null\ninterval:\nbody:\n"}) {
    const absl::StatusOr<Job> job = ReadJob(text);
    ASSERT_TRUE(job.ok()) << text << job.status();
    EXPECT_EQ(job->limit, 7);
    EXPECT_TRUE(job->enabled);
    EXPECT_EQ(job->interval, kMinute);
  }
}

TEST(YamlFieldsTest, ErrorsSayFileLineAndReason) {
  struct Case {
    std::string_view text, want;
  };
  constexpr Case kCases[] = {
      {"name: a\nnmae: b\n", "a.yml:2: field nmae not found"},
      {"name: a\nnmae:\n  - b\n", "a.yml:2: field nmae not found"},
      {"name: a\nname: b\n", "a.yml:2: key \"name\" is given twice"},
      {"name: [a]\n", "a.yml:1: expected a string"},
      {"\nenabled: 1\n", "a.yml:2: expected true or false, not 1"},
      {"enabled: \"true\"\n", "a.yml:1: expected true or false, not true"},
      {"limit: many\n", "a.yml:1: expected an integer, not many"},
      {"limit: {}\n", "a.yml:1: expected an integer"},
      {"factor: x\n", "a.yml:1: expected a number, not x"},
      {"interval: 5\n", "a.yml:1: not a valid duration string: \"5\""},
      {"interval: []\n", "a.yml:1: expected a duration"},
      {"body: 5\n", "a.yml:1: expected a size such as 512MB, not 5"},
      {"files: a\n", "a.yml:1: expected a list"},
      {"files:\n- a\n- [b]\n", "a.yml:3: expected a string"},
      {"labels: [a]\n", "a.yml:1: expected a mapping"},
      {"- a\n", "a.yml:1: expected a mapping"},
      {"name: \"a\n", "a.yml:2: bad YAML: "},
      {"a: b: c\n", "a.yml:1: bad YAML: "},
      {"[a]: b\n", "a.yml:1: a key must be a scalar"},
      {"name: *nowhere\n", "a.yml:1: bad YAML: "},
      {"<<: 1\n", "a.yml:1: \"<<\" merges mappings only"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Job> job = ReadJob(c.text);
    ASSERT_EQ(job.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(ToStd(job.status().message())), HasSubstr(std::string(c.want)))
        << c.text;
  }
}

TEST(YamlDocumentTest, FollowsAliasesAndMerges) {
  const auto node = YamlDocument::Parse(R"(
base: &base {a: 1, b: 2}
copy: *base
merged:
  <<: [*base, {c: 9}]
  b: 3
)",
                                        "a.yml");
  ASSERT_TRUE(node.ok()) << node.status();
  YamlFields fields(*node);
  EXPECT_THAT(*fields.Take("copy")->AsStringMap(), ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_THAT(*fields.Take("merged")->AsStringMap(),
              ElementsAre(Pair("b", "3"), Pair("a", "1"), Pair("c", "9")));
}

TEST(YamlDocumentTest, RefusesDocumentsMadeToExhaustMemory) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    StrAppend(&bomb, "a", i, ": &a", i, " [");
    for (int k = 0; k < 10; ++k) StrAppend(&bomb, "*a", i - 1, ", ");
    bomb += "x]\n";
  }
  const std::string deep = std::string(150, '[') + std::string(150, ']');
  for (const std::string& text : {bomb, deep, std::string("&a [*a]"), std::string(100000, '[')}) {
    const auto node = YamlDocument::Parse(text, "a.yml");
    EXPECT_EQ(node.status().code(), absl::StatusCode::kInvalidArgument) << text.substr(0, 40);
  }
}

TEST(YamlDocumentTest, DumpsWhatItRead) {
  constexpr std::string_view kText = R"(a: 1
b: "1"
list:
  - x
  - user: u
    password: p
empty: ~
text: |
  two
  lines
)";
  const auto node = YamlDocument::Parse(kText, "a.yml");
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(node->Dump(), kText);
  const std::string redacted = node->Dump([](const YamlNode::Keys& keys, std::string value) {
    EXPECT_EQ(keys.size(), keys.back() == "password" ? 2u : keys.size());
    return keys.back() == "password" ? std::string("<secret>") : std::move(value);
  });
  EXPECT_THAT(redacted, HasSubstr("password: <secret>\n"));
  EXPECT_THAT(redacted, HasSubstr("user: u\n"));
}

TEST(YamlDocumentTest, LoadNamesTheMissingFile) {
  const auto node = YamlDocument::Load("/nonexistent/a.yml");
  EXPECT_EQ(node.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ToStd(node.status().message())), HasSubstr("/nonexistent/a.yml"));
}

}  // namespace
}  // namespace tidemark
