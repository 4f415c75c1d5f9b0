#include "cmd/tidectl/tsdb_text.h"

#include <gtest/gtest.h>

namespace tidemark::tidectl {
namespace {

TEST(TsdbTextTest, TimesAndSizes) {
  EXPECT_EQ(GoTime(1'795'219'200'000), "2026-11-21 00:00:00 +0000 UTC");
  EXPECT_EQ(GoByteSize(0), "0B");
  EXPECT_EQ(GoByteSize(59'891), "58KiB499B");
  EXPECT_EQ(GoByteSize(uint64_t{3} << 30), "3GiB");
}

TEST(TsdbTextTest, Tables) {
  EXPECT_EQ(FormatTable({{"A", "LONG"}, {"bcd", "e"}}), "A    LONG\nbcd  e\n");
}

}  // namespace
}  // namespace tidemark::tidectl
