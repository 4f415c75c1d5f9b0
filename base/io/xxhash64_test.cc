#include "base/io/xxhash64.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

// Of the specification.
TEST(XxHash64Test, IsWhatOthersCompute) {
  EXPECT_EQ(XxHash64(""), 0xef46db3751d8e999);
  EXPECT_EQ(XxHash64("a"), 0xd24ec4f1a98c6e5b);
}

}  // namespace
}  // namespace tidemark
