#include "base/io/compression.h"

#include <libdeflate.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>

#include "base/strings.h"

namespace tidemark {
namespace {

// zlib's windowBits: the largest window, and 16 more for a gzip header.
constexpr int kZlibWindowBits = 15;
constexpr int kGzipWindowBits = kZlibWindowBits + 16;
// zlib counts in unsigned int, so longer input goes in pieces.
constexpr size_t kMaxPiece = std::numeric_limits<uInt>::max();
// Text that shrinks by more is rare: a claim of more takes no memory before it is seen to be true.
constexpr size_t kMaxTextRatio = 64;
// No snappy element makes more than 64 bytes.
constexpr size_t kMaxSnappyRatio = 64;

absl::Status TooLarge(size_t max_bytes) {
  return absl::ResourceExhaustedError(
      StrCat("the uncompressed body is larger than ", max_bytes, " bytes"));
}

absl::Status BadSnappy() { return absl::InvalidArgumentError("snappy: corrupt input"); }

// One z_stream that inflates, ended with its scope.
class Inflater {
 public:
  Inflater(std::string_view input, int window_bits) : rest_(input) {
    ok_ = inflateInit2(&stream_, window_bits) == Z_OK;
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ok_) inflateEnd(&stream_);
  }

  // Decompresses up to `size` bytes. Z_OK, Z_STREAM_END after a member, or zlib's error.
  int Read(char* out, size_t size, size_t* written) {
    if (!ok_) return Z_MEM_ERROR;
    const size_t piece = std::min(rest_.size(), kMaxPiece);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
    stream_.avail_in = static_cast<uInt>(piece);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(size);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    rest_.remove_prefix(piece - stream_.avail_in);
    *written = size - stream_.avail_out;
    return result;
  }

  bool AtEnd() const { return rest_.empty(); }
  bool NextMember() { return inflateReset(&stream_) == Z_OK; }

 private:
  z_stream stream_{};
  bool ok_ = false;
  std::string_view rest_;
};

// Whatever the input is, piece by piece. `format` begins the errors; only gzip has members.
absl::Status Inflate(std::string_view compressed, int window_bits, std::string_view format,
                     size_t max_bytes, std::string* out) {
  out->clear();
  Inflater inflater(compressed, window_bits);
  const auto bad = [&](std::string_view reason) {
    return absl::InvalidArgumentError(StrCat(format, ": ", reason));
  };
  char buffer[1 << 15];
  while (true) {
    size_t written = 0;
    const int result = inflater.Read(buffer, sizeof(buffer), &written);
    if (written > max_bytes - out->size()) return TooLarge(max_bytes);
    out->append(buffer, written);
    if (result == Z_STREAM_END) {
      if (inflater.AtEnd()) return absl::OkStatus();
      if (!inflater.NextMember()) {
        return absl::InternalError(StrCat(format, ": cannot go on to next member"));
      }
      continue;
    }
    if (result == Z_MEM_ERROR) {
      return absl::ResourceExhaustedError(StrCat(format, ": out of memory"));
    }
    if (result != Z_OK && result != Z_BUF_ERROR) return bad("corrupt input");
    if (inflater.AtEnd() && written < sizeof(buffer)) return bad("unexpected end of input");
  }
}

// What mostly comes, one whole gzip member of text: in a third of zlib's time, into a buffer of the
// size that its last four bytes claim. False where it is anything else, or the claim is more than
// text shrinks by: then zlib has to say what it is.
bool UncompressedAtOnce(std::string_view compressed, size_t max_bytes, std::string* out) {
  using Decompressor = std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)>;
  // 32 KB of tables.
  thread_local const Decompressor decompressor(libdeflate_alloc_decompressor(),
                                               libdeflate_free_decompressor);
  uint32_t claimed = 0;
  if (decompressor == nullptr || compressed.size() < sizeof(claimed)) return false;
  std::memcpy(&claimed, compressed.data() + compressed.size() - sizeof(claimed), sizeof(claimed));
  if (claimed > max_bytes || claimed / kMaxTextRatio > compressed.size()) return false;
  out->resize(claimed);
  size_t used = 0, written = 0;
  const libdeflate_result result =
      libdeflate_gzip_decompress_ex(decompressor.get(), compressed.data(), compressed.size(),
                                    out->data(), out->size(), &used, &written);
  return result == LIBDEFLATE_SUCCESS && used == compressed.size() && written == claimed;
}

void Deflate(std::string_view text, int window_bits, std::string* out) {
  out->clear();
  z_stream stream{};
  // Fails only for want of memory, which ends the process elsewhere too; the output is then empty.
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return;
  }
  char buffer[1 << 15];
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    const size_t piece = std::min(text.size(), kMaxPiece);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof(buffer);
    result = deflate(&stream, piece == text.size() ? Z_FINISH : Z_NO_FLUSH);
    text.remove_prefix(piece - stream.avail_in);
    out->append(buffer, sizeof(buffer) - stream.avail_out);
  }
  deflateEnd(&stream);
}

}  // namespace

absl::Status SnappyUncompress(std::string_view compressed, size_t max_bytes, std::string* out) {
  size_t length = 0;
  if (!snappy::GetUncompressedLength(compressed.data(), compressed.size(), &length)) {
    return BadSnappy();
  }
  if (length > max_bytes) return TooLarge(max_bytes);
  // No memory for a length that so short an input cannot have.
  if (length / kMaxSnappyRatio > compressed.size()) return BadSnappy();
  if (!snappy::Uncompress(compressed.data(), compressed.size(), out)) return BadSnappy();
  return absl::OkStatus();
}

void SnappyCompress(std::string_view text, std::string* out) {
  snappy::Compress(text.data(), text.size(), out);
}

absl::Status ZstdUncompress(std::string_view compressed, size_t max_bytes, std::string* out) {
  out->clear();
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                        ZSTD_freeDStream);
  if (stream == nullptr) return absl::ResourceExhaustedError("zstd: out of memory");
  char buffer[1 << 15];
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  while (true) {
    ZSTD_outBuffer piece{buffer, sizeof(buffer), 0};
    const size_t wanted = ZSTD_decompressStream(stream.get(), &piece, &in);
    if (ZSTD_isError(wanted)) {
      return absl::InvalidArgumentError(StrCat("zstd: ", ZSTD_getErrorName(wanted)));
    }
    if (piece.pos > max_bytes - out->size()) return TooLarge(max_bytes);
    out->append(buffer, piece.pos);
    if (in.pos == in.size && wanted == 0) return absl::OkStatus();  // the end of a frame
    if (in.pos != in.size || piece.pos == piece.size) continue;     // there is more
    return absl::InvalidArgumentError("zstd: unexpected end of input");
  }
}

void ZstdCompress(std::string_view text, std::string* out) {
  out->resize(ZSTD_compressBound(text.size()));
  // Cannot fail but for want of memory, with that much room.
  const size_t size =
      ZSTD_compress(out->data(), out->size(), text.data(), text.size(), ZSTD_CLEVEL_DEFAULT);
  out->resize(ZSTD_isError(size) ? 0 : size);
}

absl::Status GzipUncompress(std::string_view compressed, size_t max_bytes, std::string* out) {
  if (UncompressedAtOnce(compressed, max_bytes, out)) return absl::OkStatus();
  return Inflate(compressed, kGzipWindowBits, "gzip", max_bytes, out);
}

void GzipCompress(std::string_view text, std::string* out) { Deflate(text, kGzipWindowBits, out); }

absl::Status ZlibUncompress(std::string_view compressed, size_t max_bytes, std::string* out) {
  return Inflate(compressed, kZlibWindowBits, "deflate", max_bytes, out);
}

void ZlibCompress(std::string_view text, std::string* out) { Deflate(text, kZlibWindowBits, out); }

}  // namespace tidemark
