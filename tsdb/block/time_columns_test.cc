#include "tsdb/block/time_columns.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/strings.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::tsdb {
namespace {

constexpr TimestampMs kBase = 1'700'000'000'000;

std::vector<TimestampMs> Times(uint32_t target, size_t count) {
  std::mt19937 random(target);
  std::vector<TimestampMs> times;
  for (size_t i = 0; i < count; ++i) {
    times.push_back(kBase + target + static_cast<TimestampMs>(i * 15'000 + random() % 7));
  }
  return times;
}

TEST(TimeColumnTest, RoundTrips) {
  const std::vector<TimestampMs> cases[] = {
      {kBase}, {kBase - 5}, {kBase, kBase + 1}, {kMinTimestamp, 0, kMaxTimestamp}, Times(3, 480)};
  for (const std::vector<TimestampMs>& times : cases) {
    std::string bytes;
    AppendTimeColumn(times, kBase, &bytes);
    std::string_view rest = bytes;
    const auto front = ConsumeTimeColumnFront(rest, kBase);
    ASSERT_TRUE(front.ok());
    EXPECT_EQ(front->head.count, times.size());
    EXPECT_EQ(front->head.range, (TimeRange{times.front(), times.back()}));
    std::vector<TimestampMs> read;
    ASSERT_TRUE(ConsumeTimes(*front, rest, &read).ok());
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(read, times);
    for (size_t size = 0; size < bytes.size(); ++size) {
      std::string_view some = std::string_view(bytes).substr(0, size);
      const auto damaged = ConsumeTimeColumnFront(some, kBase);
      EXPECT_TRUE(!damaged.ok() || !ConsumeTimes(*damaged, some, &read).ok()) << size;
    }
  }
}

class TimeColumnsTest : public ::testing::Test {
 protected:
  std::unique_ptr<SstReader> Write(TimeColumnsWriter& columns) {
    const std::string path = StrCat(directory_.path(), "/file");
    const auto file = *SstWriter::Create(path, {});
    EXPECT_TRUE(columns.WriteTo(*file).ok());
    EXPECT_TRUE(file->Finish().ok());
    return *SstReader::Open(path, nullptr);
  }
  testing::TempDirectory directory_;
};

TEST_F(TimeColumnsTest, EachDistinctColumnIsStoredOnce) {
  constexpr uint32_t kTargets = 1000;  // more than a reader holds
  TimeColumnsWriter columns(kBase, 64 << 20);
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < kTargets; ++i) ASSERT_EQ(columns.Add(Times(i, 480)), i);
  }
  const auto file = Write(columns);
  TimeColumnsReader reader(*file, kBase, columns.num_columns());
  const auto expect = [&](uint32_t i) {
    const std::vector<TimestampMs> want = Times(i, 480);
    const auto head = reader.Head(i);
    ASSERT_TRUE(head.ok()) << head.status();
    EXPECT_EQ(**head, (TimeColumnHead{{want.front(), want.back()}, 480}));
    const auto times = reader.Times(i);
    ASSERT_TRUE(times.ok()) << times.status();
    ASSERT_TRUE(std::equal(times->begin(), times->end(), want.begin(), want.end()));
  };
  for (uint32_t i = 0; i < kTargets; ++i) expect(i);
  for (uint32_t i = 0; i < kTargets; ++i) expect(i * 7919 % kTargets);
  EXPECT_EQ(reader.Head(kTargets).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(TimeColumnsTest, BeyondTheLimitOnlyKnownColumnsAreTaken) {
  TimeColumnsWriter columns(kBase, 1);
  EXPECT_EQ(columns.Add(Times(0, 10)), 0u);
  EXPECT_EQ(columns.Add(Times(1, 10)), TimeColumnsWriter::kNoColumn);
  EXPECT_EQ(columns.Add(Times(0, 10)), 0u);
}

}  // namespace
}  // namespace tidemark::tsdb
