#include "tsdb/index/roaring_format.h"

#include <bit>
#include <cstring>
#include <vector>

namespace tidemark::tsdb {
namespace {

constexpr uint16_t kCookieWithRuns = 12347;
constexpr uint32_t kCookieWithoutRuns = 12346;
constexpr size_t kMaxContainers = 1 << 16;
constexpr size_t kMaxArray = 4096;  // numbers; what holds more is a bitset
constexpr size_t kBitsetWords = 1024;
// From so many containers on their positions are listed, runs or not.
constexpr size_t kMinListed = 4;

// Takes little-endian numbers from the front; after the first one that is missing `ok` is false.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  template <typename T>
  T Take() {
    T value = 0;
    const std::string_view bytes = Skip(sizeof(T));
    if (ok_) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string_view Skip(size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }
  bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  static_assert(std::endian::native == std::endian::little);
  std::string_view rest_;
  bool ok_ = true;
};

// The low halves of the numbers of one container: how many, and the greatest.
struct Lows {
  uint32_t count = 0;
  int last = -1;

  // Whether the next ones, from `first` on, are greater.
  bool Add(uint32_t first, uint32_t how_many) {
    if (static_cast<int>(first) <= last || first + how_many > 0x10000) return false;
    count += how_many;
    last = static_cast<int>(first + how_many - 1);
    return true;
  }
};

bool ReadRuns(Bytes& bytes, Lows& lows) {
  for (int left = bytes.Take<uint16_t>(); left > 0; --left) {
    const uint32_t first = bytes.Take<uint16_t>();
    if (!lows.Add(first, bytes.Take<uint16_t>() + 1u)) return false;
  }
  return bytes.ok();
}

bool ReadArray(Bytes& bytes, uint32_t count, Lows& lows) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!lows.Add(bytes.Take<uint16_t>(), 1)) return false;
  }
  return bytes.ok();
}

bool ReadBitset(Bytes& bytes, Lows& lows) {
  for (size_t i = 0; i < kBitsetWords; ++i) {
    const auto word = bytes.Take<uint64_t>();
    lows.count += std::popcount(word);
    if (word != 0) lows.last = static_cast<int>(64 * i) + 63 - std::countl_zero(word);
  }
  return bytes.ok();
}

}  // namespace

std::optional<RoaringContents> CheckRoaring(std::string_view all) {
  Bytes bytes(all);
  const auto cookie = bytes.Take<uint32_t>();
  const bool with_runs = (cookie & 0xffff) == kCookieWithRuns;
  if (!with_runs && cookie != kCookieWithoutRuns) return std::nullopt;
  const size_t size = with_runs ? (cookie >> 16) + 1 : bytes.Take<uint32_t>();
  if (size == 0 || size > kMaxContainers) return std::nullopt;
  const std::string_view is_run = bytes.Skip(with_runs ? (size + 7) / 8 : 0);
  Bytes heads(bytes.Skip(4 * size));  // of each container its high half and its count minus one
  const bool listed = !with_runs || size >= kMinListed;
  Bytes positions(bytes.Skip(listed ? 4 * size : 0));
  if (!bytes.ok()) return std::nullopt;

  RoaringContents contents;
  int last_high = -1;
  for (size_t i = 0; i < size; ++i) {
    const uint32_t high = heads.Take<uint16_t>();
    const uint32_t count = heads.Take<uint16_t>() + 1u;
    if (listed && positions.Take<uint32_t>() != all.size() - bytes.left()) return std::nullopt;
    const bool run = with_runs && (is_run[i / 8] >> (i % 8) & 1) != 0;
    Lows lows;
    const bool whole = run                  ? ReadRuns(bytes, lows)
                       : count <= kMaxArray ? ReadArray(bytes, count, lows)
                                            : ReadBitset(bytes, lows);
    if (!whole || lows.count != count || static_cast<int>(high) <= last_high) return std::nullopt;
    last_high = static_cast<int>(high);
    contents.count += count;
    contents.last = high << 16 | static_cast<uint32_t>(lows.last);
  }
  if (!bytes.AtEnd()) return std::nullopt;
  return contents;
}

}  // namespace tidemark::tsdb
