#include "http/remote/written_labels.h"

#include "gtest/gtest.h"

namespace tidemark::http {
namespace {

TEST(WrittenLabelsTest, LabelText) {
  struct Case {
    std::vector<LabelView> labels;
    std::string want;
  };
  const std::string long_text(5000, 'x');
  const Case kCases[] = {
      {{}, "{}"},
      {{{"__name__", "up"}, {"job", "a \"b\"\n"}}, R"({__name__="up", job="a \"b\"\n"})"},
      {{{"a name", "x"}, {"", "y"}}, R"({"a name"="x", ""="y"})"},
      {{{"a", long_text}, {"b", "x"}}, "{a=\"" + long_text.substr(0, 1000) + "\", ...}"},
  };
  for (const Case& c : kCases) EXPECT_EQ(LabelText(c.labels), c.want);
}

TEST(WrittenLabelsTest, AnyOrderAndEmptyValues) {
  const auto labels = CheckedLabels({{"job", "a"}, {"none", ""}, {"__name__", "up"}});
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ(*labels, LabelSet({{"__name__", "up"}, {"job", "a"}}));
}

}  // namespace
}  // namespace tidemark::http
