#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"
#include "base/net/http_client_options.h"

// HTTP requests on one event loop, thousands at a time. libcurl multi is behind it.
namespace tidemark {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers;
  std::string body;
  DurationMs timeout = 10 * kSecond;  // of the whole exchange
  size_t max_body_bytes = 0;          // of the response after decompression; 0 is no bound
  bool accept_gzip = false;           // asks for gzip and undoes it
  bool keep_gzip = false;             // leaves undoing it to the caller: DecodedBody
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // of the last response; names in lower case
  std::string body;

  std::string_view Header(std::string_view lower_case_name) const;  // empty where absent
};

class OAuth2Tokens;

// Thread-safe. Connections are kept alive and reused between requests; access tokens (OAuth 2.0)
// are fetched once for all requests that present themselves alike, and kept until they expire.
class HttpClient {
 public:
  using Callback = std::function<void(absl::StatusOr<HttpResponse>)>;

  HttpClient();
  // Every request in flight ends with Cancelled.
  ~HttpClient();

  // Starts a request and returns. `done` is called once, on the client's own thread, and must not
  // block. Any response is Ok, whatever its status code. Errors, each naming URL, host and reason
  // in the words of Go's client, `Get "http://a:1/": dial tcp 10.0.0.1:1: connect: connection
  // refused`:
  //   InvalidArgument    the URL or an option cannot be used
  //   DeadlineExceeded   the timeout passed ("context deadline exceeded", as Prometheus says)
  //   ResourceExhausted  the body is larger than max_body_bytes; the text is "body size limit
  //                      exceeded" alone, as Prometheus has it
  //   Unavailable        could not connect, resolve, or the connection broke; a file of `options`
  //                      cannot be read; no access token can be had
  // `options` is copied, and its files are read before Send returns.
  void Send(HttpRequest request, const HttpClientOptions& options, Callback done);

  // Send, and wait for the outcome. Not from inside a callback.
  absl::StatusOr<HttpResponse> SendAndWait(HttpRequest request, const HttpClientOptions& options);

 private:
  class Loop;

  void SendWithToken(HttpRequest request, HttpClientOptions options, Callback done);

  std::unique_ptr<OAuth2Tokens> tokens_;
  std::unique_ptr<Loop> loop_;  // last: callbacks, which its end calls, use tokens_
};

}  // namespace tidemark
