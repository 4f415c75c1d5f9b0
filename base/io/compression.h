#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

// Wire compressions. `max_bytes` bounds what is made of the input, whatever the input claims, so
// that a small body cannot fill the memory. Thread-safe.
//   InvalidArgument    damaged or truncated input
//   ResourceExhausted  the output would be larger than max_bytes
namespace tidemark {

// The snappy block format, as remote write uses it.
absl::Status SnappyUncompress(std::string_view compressed, size_t max_bytes, std::string* out);
void SnappyCompress(std::string_view text, std::string* out);

// Zstandard, of one or more frames.
absl::Status ZstdUncompress(std::string_view compressed, size_t max_bytes, std::string* out);
void ZstdCompress(std::string_view text, std::string* out);

// gzip with one or more members. Cost: a third of zlib's where it is one and shrank by less than
// 64 to one.
absl::Status GzipUncompress(std::string_view compressed, size_t max_bytes, std::string* out);
void GzipCompress(std::string_view text, std::string* out);
// What HTTP calls "deflate".
absl::Status ZlibUncompress(std::string_view compressed, size_t max_bytes, std::string* out);
void ZlibCompress(std::string_view text, std::string* out);

}  // namespace tidemark
