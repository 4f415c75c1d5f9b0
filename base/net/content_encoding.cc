#include "base/net/content_encoding.h"

#include <limits>

#include "base/io/compression.h"
#include "base/net/ascii_text.h"

namespace tidemark {
namespace {

enum class Encoding { kOther, kGzip, kDeflate };

Encoding EncodingOf(const HttpResponse& response) {
  const std::string name = LowerCase(response.Header("content-encoding"));
  if (name == "gzip" || name == "x-gzip") return Encoding::kGzip;
  return name == "deflate" ? Encoding::kDeflate : Encoding::kOther;
}

}  // namespace

bool IsCompressed(const HttpResponse& response) { return EncodingOf(response) != Encoding::kOther; }

absl::StatusOr<std::string_view> DecodedBody(const HttpResponse& response, size_t max_body_bytes,
                                             std::string* buffer) {
  const Encoding encoding = EncodingOf(response);
  // An empty one says nothing, encoded or not.
  if (encoding == Encoding::kOther || response.body.empty()) return response.body;
  const size_t bound = max_body_bytes > 0 ? max_body_bytes : std::numeric_limits<size_t>::max();
  const absl::Status status = encoding == Encoding::kGzip
                                  ? GzipUncompress(response.body, bound, buffer)
                                  : ZlibUncompress(response.body, bound, buffer);
  if (status.ok()) return *buffer;
  if (absl::IsResourceExhausted(status)) {
    return absl::ResourceExhaustedError("body size limit exceeded");
  }
  return absl::UnavailableError(status.message());
}

}  // namespace tidemark
