#include "base/run/cancellation.h"

#include "gtest/gtest.h"

#include "base/run/fake_clock.h"

namespace tidemark {
namespace {

TEST(CancellationTest, EndsByCallByDeadlineAndWithItsParent) {
  FakeClock clock(1000);
  Cancellation client;
  Cancellation query(clock, 2000, &client);
  EXPECT_TRUE(query.Check().ok());

  clock.Set(2000);
  EXPECT_TRUE(absl::IsDeadlineExceeded(query.Check()));
  clock.Set(1999);
  EXPECT_TRUE(query.Check().ok());

  client.Cancel();
  EXPECT_TRUE(absl::IsCancelled(query.Check()));
}

TEST(CancellationTest, ParentDoesNotEndWithItsChild) {
  FakeClock clock(1000);
  Cancellation client;
  Cancellation query(clock, 2000, &client);
  query.Cancel();
  EXPECT_TRUE(absl::IsCancelled(query.Check()));
  EXPECT_TRUE(client.Check().ok());
}

}  // namespace
}  // namespace tidemark
