#include "tsdb/import/prometheus_chunks.h"

#include "absl/strings/str_format.h"

#include "base/io/crc32c.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/byte_decoder.h"
#include "tsdb/import/damage.h"

namespace tidemark::tsdb {
namespace {

constexpr uint32_t kMagic = 0x85BD40DD;
constexpr uint8_t kVersion = 1;
constexpr size_t kHeaderBytes = 8;

absl::StatusOr<std::unique_ptr<MappedFile>> OpenSegment(const std::string& path) {
  absl::StatusOr<std::unique_ptr<MappedFile>> file = MappedFile::Open(path);
  if (!file.ok()) return absl::DataLossError(file.status().message());
  ByteDecoder header((*file)->bytes());
  if (header.Be32() != kMagic) return DamageAt(path, 0, "not a file of chunks");
  if (header.Byte() != kVersion) return DamageAt(path, 4, "unknown version of a file of chunks");
  return file;
}

}  // namespace

absl::StatusOr<const MappedFile*> PrometheusChunks::Segment(uint32_t number) {
  auto found = segments_.find(number);
  if (found == segments_.end()) {
    // References count from 0, file names from 1.
    const std::string path = StrCat(directory_, "/", absl::StrFormat("%06d", uint64_t{number} + 1));
    found = segments_.emplace(number, OpenSegment(path)).first;
  }
  RETURN_IF_ERROR(found->second.status());
  return found->second->get();
}

absl::StatusOr<PrometheusChunks::Chunk> PrometheusChunks::Read(uint64_t ref) {
  ASSIGN_OR_RETURN(const MappedFile* file, Segment(static_cast<uint32_t>(ref >> 32)));
  const auto offset = static_cast<uint32_t>(ref);
  const std::string_view bytes = file->bytes();
  if (offset < kHeaderBytes || offset >= bytes.size()) {
    return DamageAt(file->path(), offset, "the index names a chunk that is not there");
  }
  ByteDecoder decoder(bytes.substr(offset));
  const uint64_t length = decoder.Uvarint();
  const size_t begin = decoder.position();
  const uint8_t encoding = decoder.Byte();
  const std::string_view data = decoder.Bytes(length);
  const uint32_t checksum = decoder.Be32();
  if (!decoder.ok()) return DamageAt(file->path(), offset, "chunk ends too soon");
  if (Crc32c(bytes.substr(offset + begin, 1 + data.size())) != checksum) {
    return DamageAt(file->path(), offset, "checksum mismatch in chunk");
  }
  return Chunk{static_cast<ChunkEncoding>(encoding), data, StrCat(file->path(), ": byte ", offset)};
}

}  // namespace tidemark::tsdb
