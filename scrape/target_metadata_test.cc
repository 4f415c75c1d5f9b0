#include "scrape/target_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Texts(const TargetMetadata& metadata) {
  std::vector<std::string> out;
  for (const MetricMetadata& m : metadata.List()) {
    out.push_back(StrCat(m.family, "|", m.type, "|", m.help, "|", m.unit));
  }
  return out;
}

TEST(TargetMetadataTest, KeepsWhatPagesSay) {
  MetadataPool pool;
  TargetMetadata metadata(pool);
  EXPECT_THAT(Texts(metadata), ElementsAre());
  metadata.SetHelp("b", "x");
  metadata.SetType("b", "counter");
  metadata.SetType("a", "untyped");
  metadata.SetHelp("c_s", "only help");
  metadata.SetUnit("c_s", "s");
  metadata.EndPage();
  EXPECT_THAT(Texts(metadata),
              ElementsAre("a|unknown||", "b|counter|x|", "c_s|unknown|only help|s"));
  metadata.SetType("b", "gauge");
  metadata.SetHelp("b", "y");
  EXPECT_EQ(metadata.Find("b")->help, "y") << "at once";
  EXPECT_EQ(metadata.Find("b")->type, "gauge");
  EXPECT_FALSE(metadata.Find("d").has_value());
}

TEST(TargetMetadataTest, FindsFamiliesInAnyOrder) {
  MetadataPool pool;
  TargetMetadata metadata(pool);
  for (const char* order : {"abcdef", "fedcba", "abdcef", "bdf", "ace", "abcdefg"}) {
    for (const char* family = order; *family != '\0'; ++family) {
      metadata.SetHelp({family, 1}, order);
    }
    metadata.EndPage();
  }
  EXPECT_EQ(metadata.List().size(), 7u);
  for (const MetricMetadata& m : metadata.List()) EXPECT_EQ(m.help, "abcdefg") << m.family;
}

TEST(TargetMetadataTest, ForgetsAFamilyTenPagesLater) {
  MetadataPool pool;
  TargetMetadata metadata(pool);
  metadata.SetHelp("gone", "x");
  for (int page = 0; page <= 10; ++page) {
    metadata.SetHelp("stays", "x");
    metadata.EndPage();
    EXPECT_EQ(metadata.List().size(), 2u) << page;
  }
  metadata.SetHelp("stays", "x");
  metadata.EndPage();
  EXPECT_THAT(Texts(metadata), ElementsAre("stays|unknown|x|"));
  EXPECT_TRUE(metadata.Find("stays").has_value());
  EXPECT_FALSE(metadata.Find("gone").has_value());
}

TEST(MetadataPoolTest, TargetsThatSayTheSameShare) {
  MetadataPool pool;
  TargetMetadata a(pool), b(pool);
  for (TargetMetadata* metadata : {&a, &b}) {
    for (int i = 0; i < 100; ++i) {
      metadata->SetHelp(StrCat("family", i), "x");
      metadata->SetType(StrCat("family", i), "gauge");
    }
    metadata->EndPage();
  }
  EXPECT_EQ(pool.size(), 300u) << "each step of the first target";
  EXPECT_EQ(a.List(), b.List());
}

TEST(MetadataPoolTest, ForgetsWhatNobodySays) {
  MetadataPool pool;
  TargetMetadata metadata(pool);
  metadata.SetHelp("stays", "x");
  for (int i = 0; i < 5000; ++i) metadata.SetHelp("changes", StrCat(i));
  EXPECT_LT(pool.size(), 1100u);
  EXPECT_EQ(metadata.Find("stays")->help, "x");
  EXPECT_EQ(metadata.Find("changes")->help, "4999");
}

}  // namespace
}  // namespace tidemark::scrape
