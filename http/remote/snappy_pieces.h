#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::http {

// A part of a snappy block that is made piece by piece, so that only the compressed form is held.
// Every piece refers only to itself, so that parts can be put together in any order. One thread.
// Source: github.com/google/snappy, format_description.txt.
class SnappyPieces {
 public:
  void Append(std::string_view text);
  // `other`, which is whole, after this.
  void Append(SnappyPieces other);

  uint64_t uncompressed_bytes() const { return flushed_bytes_ + buffer_.size(); }
  size_t held_bytes() const { return elements_.size() + buffer_.size(); }

  // The block; at most 4 GiB - 1 uncompressed.
  std::string Finish() &&;

 private:
  void Flush();

  std::string buffer_;    // not compressed yet
  std::string elements_;  // of what is: a block without its length
  uint64_t flushed_bytes_ = 0;
};

}  // namespace tidemark::http
