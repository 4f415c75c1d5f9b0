#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/net/http_client.h"

namespace tidemark {

// Whether the Content-Encoding of a response is one that DecodedBody undoes: gzip or deflate. What
// has any other comes as it is.
bool IsCompressed(const HttpResponse& response);

// The body of a response: as it came or, where it is compressed, made of it in `buffer`, whose
// capacity is used again. Valid as long as both.
//   Unavailable        it is damaged or incomplete
//   ResourceExhausted  "body size limit exceeded": it is larger than max_body_bytes; 0 is no bound
absl::StatusOr<std::string_view> DecodedBody(const HttpResponse& response, size_t max_body_bytes,
                                             std::string* buffer);

}  // namespace tidemark
