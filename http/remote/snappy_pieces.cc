#include "http/remote/snappy_pieces.h"

#include <algorithm>
#include <utility>

#include "base/io/compression.h"
#include "base/io/varint.h"

namespace tidemark::http {
namespace {

// As far as snappy looks back.
constexpr size_t kPieceBytes = 64 << 10;

}  // namespace

void SnappyPieces::Append(std::string_view text) {
  while (!text.empty()) {
    const size_t size = std::min(text.size(), kPieceBytes - buffer_.size());
    buffer_.append(text.substr(0, size));
    text.remove_prefix(size);
    if (buffer_.size() == kPieceBytes) Flush();
  }
}

void SnappyPieces::Append(SnappyPieces other) {
  if (other.elements_.empty()) return Append(other.buffer_);
  Flush();
  other.Flush();
  if (elements_.empty()) {
    elements_ = std::move(other.elements_);
  } else {
    elements_ += other.elements_;
  }
  flushed_bytes_ += other.flushed_bytes_;
}

void SnappyPieces::Flush() {
  if (buffer_.empty()) return;
  std::string block;
  SnappyCompress(buffer_, &block);
  std::string_view elements = block;
  ConsumeVarint(elements);  // the length
  elements_.append(elements);
  flushed_bytes_ += buffer_.size();
  buffer_.clear();
}

std::string SnappyPieces::Finish() && {
  Flush();
  std::string length;
  AppendVarint(flushed_bytes_, &length);
  elements_.insert(0, length);
  return std::move(elements_);
}

}  // namespace tidemark::http
