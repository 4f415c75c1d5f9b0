#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/model/timestamp.h"

// HTTP requests on one event loop, thousands at a time. libcurl multi is behind it.
namespace tidemark {

struct TlsOptions {
  std::string ca_file, cert_file, key_file, server_name;
  bool insecure_skip_verify = false;

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

// How a client presents itself: the `HTTP client` block of Prometheus's configuration.
struct HttpClientOptions {
  std::string user_agent;
  std::string username, password;  // basic auth where username is not empty
  std::string authorization_type, authorization_credentials;  // "Bearer", token
  std::string proxy_url;
  bool follow_redirects = true;
  bool enable_http2 = true;
  TlsOptions tls;
  std::vector<std::pair<std::string, std::string>> headers;  // sent with every request

  friend bool operator==(const HttpClientOptions&, const HttpClientOptions&) = default;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  DurationMs timeout = 10 * kSecond;  // of the whole exchange
  size_t max_body_bytes = 0;          // of the response after decompression; 0 is no bound
  bool accept_gzip = false;           // asks for gzip and undoes it
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>>
      headers;  // of the last response; names in lower case
  std::string body;

  std::string_view Header(std::string_view lower_case_name) const;  // empty where absent
};

// Thread-safe. Connections are kept alive and reused between requests.
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
  //   Unavailable        could not connect, resolve, or the connection broke
  // `options` is copied.
  void Send(HttpRequest request, const HttpClientOptions& options, Callback done);

  // Send, and wait for the outcome. Not from inside a callback.
  absl::StatusOr<HttpResponse> SendAndWait(HttpRequest request, const HttpClientOptions& options);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace tidemark
