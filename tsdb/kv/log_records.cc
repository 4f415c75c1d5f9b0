#include "tsdb/kv/log_records.h"

#include <bit>
#include <cstdint>
#include <string>

#include "base/io/crc32c.h"
#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kBlockBytes = 32 << 10;
// Of a fragment: checksum of what is behind the length, length, part, bytes of the record.
constexpr size_t kLengthAt = 4, kPartAt = 6, kHeaderBytes = 7;

enum Part : uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

uint32_t ByteAt(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

// RocksDB turns and shifts its checksums, so that one of bytes that hold one means something.
uint32_t MaskedChecksum(std::string_view bytes) {
  return std::rotr(Crc32c(bytes), 15) + 0xa282ead8u;
}

class LogWalk {
 public:
  explicit LogWalk(const std::function<absl::Status(std::string_view record)>& visit)
      : visit_(visit) {}

  absl::Status VisitBlock(std::string_view block) {
    while (block.size() >= kHeaderBytes) {
      const size_t length = ByteAt(block, kLengthAt) | ByteAt(block, kLengthAt + 1) << 8;
      if (kHeaderBytes + length > block.size()) break;
      const uint32_t checksum = ByteAt(block, 0) | ByteAt(block, 1) << 8 | ByteAt(block, 2) << 16 |
                                ByteAt(block, 3) << 24;
      const std::string_view fragment = block.substr(0, kHeaderBytes + length);
      // A length that is damaged leads to bytes that only look like a fragment.
      if (MaskedChecksum(fragment.substr(kPartAt)) != checksum) break;
      RETURN_IF_ERROR(Add(ByteAt(block, kPartAt), fragment.substr(kHeaderBytes)));
      block.remove_prefix(fragment.size());
    }
    // In a whole block, what is left is too short for a fragment.
    if (block.size() >= kHeaderBytes) began_ = false;
    return absl::OkStatus();
  }

 private:
  absl::Status Add(uint32_t part, std::string_view payload) {
    if (part == kWhole || part == kFirst) {
      record_.clear();
      began_ = true;
    } else if (part != kMiddle && part != kLast) {
      began_ = false;
    }
    if (!began_) return absl::OkStatus();
    record_ += payload;
    if (part == kFirst || part == kMiddle) return absl::OkStatus();
    began_ = false;
    return visit_(record_);
  }

  const std::function<absl::Status(std::string_view record)>& visit_;
  std::string record_;
  bool began_ = false;  // record_ has all of a record up to here
};

}  // namespace

absl::Status VisitLogRecords(std::string_view log,
                             const std::function<absl::Status(std::string_view record)>& visit) {
  LogWalk walk(visit);
  for (size_t at = 0; at < log.size(); at += kBlockBytes) {
    RETURN_IF_ERROR(walk.VisitBlock(log.substr(at, kBlockBytes)));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
