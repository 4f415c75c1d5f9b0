#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/io/varint.h"

namespace tidemark::tsdb {

// Reads the fields of Prometheus's formats off the front of bytes: integers big-endian, varints as
// Go's encoding/binary writes them. After the first field that is not there ok() is false, nothing
// is left and every field is zero. One thread.
class ByteDecoder {
 public:
  explicit ByteDecoder(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  size_t position() const { return size_ - rest_.size(); }  // while ok()
  std::string_view rest() const { return rest_; }

  uint8_t Byte() { return static_cast<uint8_t>(BigEndian(1)); }
  uint16_t Be16() { return static_cast<uint16_t>(BigEndian(2)); }
  uint32_t Be32() { return static_cast<uint32_t>(BigEndian(4)); }
  uint64_t Be64() { return BigEndian(8); }
  uint64_t Uvarint() {
    const std::optional<uint64_t> value = ConsumeVarint(rest_);
    if (!value) Fail();
    return value.value_or(0);
  }
  int64_t Varint() { return UnZigZag(Uvarint()); }
  std::string_view Bytes(uint64_t count) {
    if (count > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  std::string_view LengthPrefixed() { return Bytes(Uvarint()); }

 private:
  uint64_t BigEndian(size_t count) {
    uint64_t value = 0;
    for (const char c : Bytes(count)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  const size_t size_;
  bool ok_ = true;
};

}  // namespace tidemark::tsdb
