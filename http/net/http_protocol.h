#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/http_server.h"
#include "http/net/connection_loop.h"

namespace tidemark::http {

// A request as it came in: nothing unescaped, parsed or decompressed.
struct ReceivedRequest {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// HTTP/1.1 on a connection: reads a request, has it answered and writes the response. cpp-httplib
// is behind it, for the protocol only: requests reach it without the headers that would make it
// decompress, parse forms or cut ranges, all of which it does without a bound or past ours.
// Thread-safe.
class HttpProtocol {
 public:
  using Answer = std::function<Response(ReceivedRequest request, ServedConnection& connection)>;

  // A body of more than `max_body_bytes` is answered with 413.
  HttpProtocol(size_t max_body_bytes, Answer answer);
  ~HttpProtocol();

  // Serves one request; false where the connection is to be closed.
  bool Serve(ServedConnection& connection);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::http
