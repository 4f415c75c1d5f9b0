#include "tsdb/kv/log_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "base/io/crc32c.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kBlockBytes = 32 << 10, kHeaderBytes = 7;

void AddFragment(char part, std::string_view payload, std::string& log) {
  const std::string checked = part + std::string(payload);
  const uint32_t checksum = std::rotr(Crc32c(checked), 15) + 0xa282ead8u;
  for (int shift = 0; shift < 32; shift += 8) log += static_cast<char>(checksum >> shift);
  log += static_cast<char>(payload.size());
  log += static_cast<char>(payload.size() >> 8);
  log += checked;
}

// As RocksDB writes it.
void AddRecord(std::string_view record, std::string& log) {
  for (bool first = true;; first = false) {
    size_t room = kBlockBytes - log.size() % kBlockBytes;
    if (room < kHeaderBytes) log.append(room, '\0');
    if (room < kHeaderBytes) room = kBlockBytes;
    const std::string_view payload = record.substr(0, room - kHeaderBytes);
    record.remove_prefix(payload.size());
    const bool last = record.empty();
    AddFragment(first ? (last ? 1 : 2) : (last ? 4 : 3), payload, log);
    if (last) return;
  }
}

std::vector<std::string> Records(std::string_view log) {
  std::vector<std::string> records;
  EXPECT_TRUE(VisitLogRecords(log, [&](std::string_view record) {
                records.emplace_back(record);
                return absl::OkStatus();
              }).ok());
  return records;
}

class LogRecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const size_t size : {5, 40'000, 0, 60'000, 100'000, 31'000, 9, 20'000, 4}) {
      records_.emplace_back(size, static_cast<char>('a' + records_.size()));
      AddRecord(records_.back(), log_);
    }
  }
  // `found` has at least so many of the records, in order, and nothing else.
  void ExpectSome(const std::vector<std::string>& found, size_t at_least) {
    EXPECT_GE(found.size(), at_least);
    auto from = records_.begin();
    for (const std::string& record : found) {
      from = std::find(from, records_.end(), record);
      ASSERT_NE(from, records_.end()) << record.size();
      ++from;
    }
  }
  std::vector<std::string> records_;
  std::string log_;
};

TEST_F(LogRecordsTest, ReadsAll) {
  EXPECT_EQ(Records(log_), records_);
  EXPECT_TRUE(Records("").empty());
  EXPECT_EQ(Records(log_ + std::string(100'000, '\0')), records_);
}

TEST_F(LogRecordsTest, ADamagedByteCostsWhatIsBehindItInItsBlock) {
  for (size_t at = 0; at < log_.size(); at += at % kBlockBytes < 30 ? 1 : 997) {
    std::string damaged = log_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x81);
    SCOPED_TRACE(at);
    ExpectSome(Records(damaged), records_.size() - 4);
  }
}

TEST_F(LogRecordsTest, Torn) {
  for (size_t size = 0; size < log_.size(); size += size % kBlockBytes < 30 ? 1 : 997) {
    ExpectSome(Records(std::string_view(log_).substr(0, size)), 0);
    ExpectSome(Records(std::string_view(log_).substr(size)), 0);
  }
}

TEST_F(LogRecordsTest, EndsWithTheFirstError) {
  int num_visits = 0;
  const absl::Status visited = VisitLogRecords(log_, [&](std::string_view) {
    ++num_visits;
    return absl::UnavailableError("enough");
  });
  EXPECT_TRUE(absl::IsUnavailable(visited));
  EXPECT_EQ(num_visits, 1);
}

}  // namespace
}  // namespace tidemark::tsdb
