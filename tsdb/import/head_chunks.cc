#include "tsdb/import/head_chunks.h"

#include "base/io/crc32c.h"
#include "tsdb/import/byte_decoder.h"
#include "tsdb/import/damage.h"

// 4  magic number, 1 version, 3 zeros; then for each chunk, integers big-endian:
//   8  series, 8 first and 8 last timestamp
//   1  encoding, + 128 where it was made of late samples
//   v  length of the data, and the data
//   4  CRC-32C of all that
// A file is made longer beforehand, so zeros follow the last chunk.

namespace tidemark::tsdb {
namespace {

constexpr uint32_t kMagic = 0x0130BC91;
constexpr uint8_t kVersion = 1;
constexpr size_t kHeaderBytes = 8;
constexpr uint8_t kOutOfOrderBit = 0x80;

}  // namespace

bool HeadChunkReader::Next(HeadChunk& chunk) {
  while (true) {
    if (file_ == nullptr && !OpenNextFile()) return false;
    if (ReadChunk(chunk)) return true;
    file_.reset();
  }
}

bool HeadChunkReader::OpenNextFile() {
  while (next_file_ < files_.size()) {
    const std::string& path = files_[next_file_++].path;
    auto file = MappedFile::Open(path);
    if (!file.ok()) {
      damage_(file.status());
      continue;
    }
    const std::string_view bytes = (*file)->bytes();
    if (bytes.empty() && next_file_ == files_.size()) continue;  // made just before a kill
    ByteDecoder header(bytes);
    if (header.Be32() != kMagic || header.Byte() != kVersion || bytes.size() < kHeaderBytes) {
      damage_(DamageAt(path, 0, "not a file of head chunks"));
      continue;
    }
    file_ = *std::move(file);
    at_ = kHeaderBytes;
    return true;
  }
  return false;
}

bool HeadChunkReader::ReadChunk(HeadChunk& chunk) {
  const std::string_view rest = file_->bytes().substr(at_);
  if (rest.empty()) return false;
  ByteDecoder decoder(rest);
  chunk.series_ref = decoder.Be64();
  chunk.min_time = static_cast<TimestampMs>(decoder.Be64());
  chunk.max_time = static_cast<TimestampMs>(decoder.Be64());
  const uint8_t encoding = decoder.Byte();
  const uint64_t length = decoder.Uvarint();
  chunk.data = decoder.Bytes(length);
  const size_t end = decoder.position();
  const uint32_t checksum = decoder.Be32();
  if (!decoder.ok()) {
    if (rest.find_first_not_of('\0') == std::string_view::npos) return false;
    const absl::Status status = DamageAt(file_->path(), at_, "the last chunk is not finished");
    (next_file_ == files_.size() ? torn_ : damage_)(status);
    return false;
  }
  if (chunk.series_ref == 0 && chunk.min_time == 0 && chunk.max_time == 0) return false;
  if (Crc32c(rest.substr(0, end)) != checksum) {
    damage_(DamageAt(file_->path(), at_, "checksum mismatch in a head chunk"));
    return false;
  }
  chunk.encoding = static_cast<ChunkEncoding>(encoding & ~kOutOfOrderBit);
  chunk.out_of_order = (encoding & kOutOfOrderBit) != 0;
  chunk.offset = at_;
  chunk.path = files_[next_file_ - 1].path;
  at_ += end + sizeof(checksum);
  return true;
}

}  // namespace tidemark::tsdb
