#include "remote/write/shard_count.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tidemark::remote {
namespace {

TEST(ShardCountTest, FollowsTheLoad) {
  struct Case {
    std::string_view name;
    ShardCount::Round round;  // again and again
    size_t current, min = 1, max = 50, want = 1;
  };
  const Case cases[] = {
      {"nothing sent", {.samples_read = 1000, .backlog = 1e9}, 3, 1, 50, 1},
      {"one request at a time is enough",
       {.samples_read = 1000, .samples_sent = 1000, .request_seconds = 5},
       1,
       1,
       50,
       1},
      {"requests take four times the time there is",
       {.samples_read = 1000, .samples_sent = 1000, .request_seconds = 40},
       1,
       1,
       50,
       4},
      {"a little off stays",
       {.samples_read = 1000, .samples_sent = 1000, .request_seconds = 40},
       5,
       1,
       50,
       5},
      {"a backlog of as much as comes in within 20 s",
       {.samples_read = 1000, .samples_sent = 1000, .request_seconds = 20, .backlog = 2000},
       1,
       1,
       50,
       4},
      {"never more than allowed",
       {.samples_read = 1000, .samples_sent = 1000, .request_seconds = 40},
       1,
       1,
       2,
       2},
      {"never fewer than allowed",
       {.samples_read = 1000, .samples_sent = 1000, .request_seconds = 1},
       8,
       6,
       50,
       6},
  };
  for (const Case& c : cases) {
    ShardCount count;
    for (int i = 0; i < 50; ++i) count.Update(c.round);
    EXPECT_EQ(count.Choose(c.current, c.min, c.max), c.want) << c.name << " " << count.wanted();
  }
}

}  // namespace
}  // namespace tidemark::remote
