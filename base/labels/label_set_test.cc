#include "base/labels/label_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark {
namespace {

using ::testing::ElementsAre;

TEST(LabelSetTest, SortsKeepsTheLaterAndDropsEmptyValues) {
  const LabelSet labels = {
      {"job", "api"}, {"__name__", "up"}, {"a", "1"}, {"a", "2"}, {"gone", ""}};
  EXPECT_THAT(
      std::vector<LabelView>(labels.begin(), labels.end()),
      ElementsAre(LabelView{"__name__", "up"}, LabelView{"a", "2"}, LabelView{"job", "api"}));
  EXPECT_EQ(labels.size(), 3u);
  EXPECT_EQ(labels.Get("job"), "api");
  EXPECT_EQ(labels.Get("zzz"), "");
  EXPECT_FALSE(labels.Has("gone"));
}

TEST(LabelSetTest, OrderIsPairByPair) {
  // By bytes of the encoding "b" would come after "aa"; by pairs "aa" < "b".
  EXPECT_LT((LabelSet{{"aa", "1"}}), (LabelSet{{"b", "1"}}));
  EXPECT_LT((LabelSet{{"a", "1"}}), (LabelSet{{"a", "1"}, {"b", "1"}}));
  EXPECT_LT((LabelSet{{"a", "10"}}), (LabelSet{{"a", "2"}}));
  EXPECT_LT(LabelSet(), (LabelSet{{"a", "1"}}));
}

TEST(LabelSetTest, PrintsAsPrometheusDoes) {
  EXPECT_EQ(LabelSet().ToString(), "{}");
  EXPECT_EQ((LabelSet{{"__name__", "up"}}).ToString(), "up");
  EXPECT_EQ((LabelSet{{"__name__", "up"}, {"job", "a\"b\n"}}).ToString(), "up{job=\"a\\\"b\\n\"}");
  EXPECT_EQ((LabelSet{{"__name__", "http.req"}, {"svc.name", "x"}}).ToString(),
            "{\"http.req\", \"svc.name\"=\"x\"}");
}

TEST(LabelSetTest, BytesComeBack) {
  const LabelSet labels = {{"__name__", "up"}, {"long", std::string(300, 'x')}};
  const absl::StatusOr<LabelSet> again = LabelSet::FromBytes(std::string(labels.bytes()));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, labels);
}

TEST(LabelSetTest, DamagedBytesAreRefused) {
  const std::string good(LabelSet{{"a", "1"}, {"b", "2"}}.bytes());
  for (size_t cut : {1, 2, 3, 5, 7})
    EXPECT_FALSE(LabelSet::FromBytes(good.substr(0, cut)).ok()) << cut;
  EXPECT_FALSE(LabelSet::FromBytes(good + good).ok()) << "names must ascend";
}

TEST(LabelSetTest, KeepAndDrop) {
  const LabelSet labels = {{"__name__", "up"}, {"a", "1"}, {"b", "2"}};
  EXPECT_EQ(KeepLabels(labels, {"b", "x"}), (LabelSet{{"b", "2"}}));
  EXPECT_EQ(DropLabels(labels, {"b", "__name__"}), (LabelSet{{"a", "1"}}));
  EXPECT_EQ(DropMetricName(labels), (LabelSet{{"a", "1"}, {"b", "2"}}));
}

TEST(LabelSetTest, ValidatesUtf8) {
  EXPECT_TRUE(IsValidUtf8("grün 日本 \xf0\x9f\x98\x80"));
  for (std::string_view bad :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

}  // namespace
}  // namespace tidemark
