#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/run/cancellation.h"

// A small routing layer. cpp-httplib is behind it, and no handler knows that.
namespace tidemark::http {

struct Request {
  std::string method, path;
  std::vector<std::pair<std::string, std::string>>
      params;  // of the URL and of a form body, in order
  std::vector<std::pair<std::string, std::string>> headers;  // as received
  std::vector<std::string> path_params;        // what `*` of the route matched, unescaped
  std::string body;                            // as received; empty for a form
  std::string client_address;                  // the IP address; empty where it is not known
  const Cancellation* cancellation = nullptr;  // cancelled when the client has gone

  std::string_view Param(std::string_view name) const;  // the first; empty where absent
  std::vector<std::string> Params(std::string_view name) const;
  std::string_view Header(std::string_view name) const;  // any case; empty where absent
};

// Sends the next part of a body; false where the client has gone or the server stops.
using BodySink = std::function<bool(std::string_view part)>;

struct Response {
  // An empty body has a type only where it is another one than this.
  static constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

  int status = 200;
  std::string content_type{kPlainText};
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Makes a body that is too large to be held, part by part, in the place of `body`: called once,
  // on the thread of the handler, while the request's cancellation is there. After an error the
  // connection is closed, so that the client sees that the body is not whole.
  std::function<absl::Status(const BodySink&)> stream;

  static Response Text(int status, std::string body);
};

using Handler = std::function<Response(const Request&)>;

struct HttpServerOptions {
  std::string listen_address = "0.0.0.0:9090";  // port 0: any free one
  size_t max_connections = 512;
  size_t max_body_bytes = 64 << 20;
  std::string cors_origin = ".*";
};

// Serves routes on one address. Handlers run on the server's threads, many at once.
class HttpServer {
 public:
  explicit HttpServer(const HttpServerOptions& options);
  ~HttpServer();

  // `path` may have segments that are `*`. Routes are added before Start. A path that has routes of
  // other methods only answers 405, one that has none 404. Responses are compressed where the
  // client accepts it.
  void Route(std::string_view method, std::string_view path, Handler handler);

  // Binds and begins to serve. Unavailable where the address cannot be had.
  absl::Status Start();
  int port() const;  // the bound one, after Start
  // Takes no new connection and waits for the requests under way; streamed bodies end where they
  // are. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::http
