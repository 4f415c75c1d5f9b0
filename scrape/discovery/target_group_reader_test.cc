#include "scrape/discovery/target_group_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

using ::testing::HasSubstr;

// "a:1,b:1 {labels}" for each group.
std::string Text(const std::vector<TargetGroup>& groups) {
  std::string text;
  for (const TargetGroup& group : groups) {
    for (const std::string& address : group.addresses) StrAppend(&text, address, " ");
    StrAppend(&text, group.labels.ToString(), ";");
  }
  return text;
}

TEST(TargetGroupReaderTest, Json) {
  struct Case {
    std::string_view name, text, want, error;
  };
  constexpr Case kCases[] = {
      {"groups", R"([{"targets":["a:1","b:1"],"labels":{"x":"1"}},{"targets":["c:1"]}])",
       "a:1 b:1 {x=\"1\"};c:1 {};", ""},
      {"fields may be absent or null", R"([{}, {"targets":null,"labels":null}])", "{};{};", ""},
      {"no groups", "[]", "", ""},
      {"null", "null", "", ""},
      {"empty text", "", "", "not JSON"},
      {"cut off", R"([{"targets":["a:1")", "", "not JSON"},
      {"something after it", "[] x", "", "not JSON"},
      {"an object", R"({"targets":["a:1"]})", "", "expected a list"},
      {"null group", R"([{}, null])", "", "nil target group item found (index 1)"},
      {"group of another kind", R"(["a:1"])", "", "a target group is not an object"},
      {"unknown field", R"([{"target":["a:1"]}])", "", "unknown field \"target\""},
      {"targets of another kind", R"([{"targets":"a:1"}])", "", "\"targets\" is not a list"},
      {"a number for a target", R"([{"targets":[9100]}])", "", "a target is not a string: 9100"},
      {"labels of another kind", R"([{"labels":["x"]}])", "", "\"labels\" is not an object"},
      {"a number for a label", R"([{"labels":{"x":1}}])", "",
       "the value of label \"x\" is not a string: 1"},
      {"no label name", R"([{"labels":{"":"1"}}])", "", "\"\" is not a valid label name"},
  };
  for (const Case& c : kCases) {
    const auto groups = ReadTargetGroupsJson(c.text);
    ASSERT_EQ(groups.ok(), c.error.empty()) << c.name << ": " << groups.status();
    if (groups.ok()) {
      EXPECT_EQ(Text(*groups), c.want) << c.name;
    } else {
      EXPECT_THAT(std::string(groups.status().message()), HasSubstr(c.error)) << c.name;
    }
  }
}

TEST(TargetGroupReaderTest, Yaml) {
  struct Case {
    std::string_view name, text, want, error;
  };
  constexpr Case kCases[] = {
      {"groups", "- targets: [a:1, 'b:1']\n  labels: {x: 1, y: yes}\n- targets: [c:1]\n",
       "a:1 b:1 {x=\"1\", y=\"yes\"};c:1 {};", ""},
      {"empty text", "", "", ""},
      {"null group", "- {}\n-\n", "", "nil target group item found (index 1)"},
      {"a mapping", "targets: [a:1]", "", "f.yml:1: "},
      {"unknown field", "- targets: [a:1]\n  label: {}\n", "", "f.yml:2: field label not found"},
      {"not YAML", "- targets: [a:1\n", "", "f.yml:"},
      {"not UTF-8", "- labels: {x: \"\xff\"}\n", "", "f.yml:"},
  };
  for (const Case& c : kCases) {
    const auto groups = ReadTargetGroupsYaml(c.text, "f.yml");
    ASSERT_EQ(groups.ok(), c.error.empty()) << c.name << ": " << groups.status();
    if (groups.ok()) {
      EXPECT_EQ(Text(*groups), c.want) << c.name;
    } else {
      EXPECT_THAT(std::string(groups.status().message()), HasSubstr(c.error)) << c.name;
    }
  }
}

}  // namespace
}  // namespace tidemark::scrape
