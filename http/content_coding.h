#pragma once

#include <string_view>

#include "http/http_server.h"

namespace tidemark::http {

// Compresses the body by gzip or deflate, whichever of them `accept_encoding` (the request's
// header) names first, and says so in the headers. A body that fits a packet stays as it is, and so
// does one that is encoded or streamed.
void EncodeBody(std::string_view accept_encoding, Response& response);

}  // namespace tidemark::http
