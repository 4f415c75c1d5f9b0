#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

// The key space of chunks.sst. Keys order as their numbers do.
namespace tidemark::tsdb {

enum class ChunksKey : char {
  kBundle = 1,       // 4 first series, 8 time of its first sample
  kTimeColumns = 2,  // 4 number of the first column of the page
  kSpans = 3,        // 4 first series of the page
  kFront = 4,        // what is said of the whole file; the last key
};

inline void AppendBigEndian(uint64_t value, int num_bytes, std::string* out) {
  for (int i = num_bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(value >> (8 * i)));
}
inline uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// The key of a page.
inline std::string PageKey(ChunksKey kind, uint32_t number) {
  std::string key(1, static_cast<char>(kind));
  AppendBigEndian(number, 4, &key);
  return key;
}
inline constexpr size_t kPageKeyBytes = 5;
inline bool IsPageKey(ChunksKey kind, std::string_view key) {
  return key.size() == kPageKeyBytes && key.front() == static_cast<char>(kind);
}
inline uint32_t PageNumber(std::string_view key) {
  return static_cast<uint32_t>(ReadBigEndian(key.substr(1, 4)));
}

inline constexpr size_t kBundleKeyBytes = 13;
// Times before 1970 come first, too.
inline std::string BundleKey(uint32_t series, TimestampMs time) {
  std::string key = PageKey(ChunksKey::kBundle, series);
  AppendBigEndian(static_cast<uint64_t>(time) ^ uint64_t{1} << 63, 8, &key);
  return key;
}
inline bool IsBundleKey(std::string_view key) {
  return key.size() == kBundleKeyBytes && key.front() == static_cast<char>(ChunksKey::kBundle);
}
inline TimestampMs BundleTime(std::string_view key) {
  return static_cast<TimestampMs>(ReadBigEndian(key.substr(5)) ^ uint64_t{1} << 63);
}

// Times may lie further apart than int64_t reaches, so distances are unsigned.
constexpr uint64_t TimeDistance(TimestampMs from, TimestampMs to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}
constexpr TimestampMs TimeAfter(TimestampMs t, uint64_t distance) {
  return static_cast<TimestampMs>(static_cast<uint64_t>(t) + distance);
}

// How a block's range is divided for the spans of its series: 256 slots.
struct TimeSlots {
  TimeRange range;
  // The slot of a time in the range.
  uint8_t Of(TimestampMs t) const {
    return static_cast<uint8_t>(TimeDistance(range.min, t) / Width());
  }
  // The times of a slot that lie in the range; of the first one at least where there are fewer
  // times than slots.
  TimeRange Times(uint8_t slot) const {
    const uint64_t begin = std::min(slot * Width(), TimeDistance(range.min, range.max));
    const uint64_t left = TimeDistance(range.min, range.max) - begin;
    const TimestampMs min = TimeAfter(range.min, begin);
    return {min, TimeAfter(min, std::min(Width() - 1, left))};
  }
  uint64_t Width() const { return TimeDistance(range.min, range.max) / 256 + 1; }
};

// A page of spans: for each series the slot of its first and of its last sample, a byte each.
inline constexpr uint32_t kSeriesPerSpanPage = 4096;

// What the chunks file says of itself.
struct ChunksFront {
  std::string ulid;
  TimeRange range;  // of the block
  uint64_t num_samples = 0, num_chunks = 0;
  uint32_t num_series = 0, num_time_columns = 0;
};
inline std::string FrontKey() { return std::string(1, static_cast<char>(ChunksKey::kFront)); }
std::string FormatChunksFront(const ChunksFront& front);
//   DataLoss             not such bytes
//   FailedPrecondition   a newer version wrote the file
absl::StatusOr<ChunksFront> ParseChunksFront(std::string_view bytes);

}  // namespace tidemark::tsdb
