#include "http/http_server.h"

#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "http/content_coding.h"
#include "http/cors.h"
#include "http/net/connection_loop.h"
#include "http/net/http_protocol.h"
#include "http/net/listen_socket.h"
#include "http/router.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kApiPrefix = "/api/";

void AppendParams(std::string_view encoded,
                  std::vector<std::pair<std::string, std::string>>& params) {
  while (!encoded.empty()) {
    const size_t end = encoded.find('&');
    const std::string_view pair = encoded.substr(0, end);
    const size_t equals = pair.find('=');
    if (!pair.empty()) {
      params.emplace_back(
          QueryUnescape(pair.substr(0, equals)),
          equals == std::string_view::npos ? "" : QueryUnescape(pair.substr(equals + 1)));
    }
    encoded.remove_prefix(end == std::string_view::npos ? encoded.size() : end + 1);
  }
}

// Parameters of the body come before those of the URL, as in Go's Request.Form.
Request ParseRequest(ReceivedRequest received) {
  Request request;
  request.method = std::move(received.method);
  request.headers = std::move(received.headers);
  const std::string_view target = received.target;
  const size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (absl::StartsWithIgnoreCase(ToAbsl(request.Header("Content-Type")), ToAbsl(kFormType))) {
    AppendParams(received.body, request.params);
  } else {
    request.body = std::move(received.body);
  }
  if (query != std::string_view::npos) AppendParams(target.substr(query + 1), request.params);
  return request;
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(const HttpServerOptions& options)
      : options_(options),
        protocol_(options.max_body_bytes,
                  [this](ReceivedRequest request, ServedConnection& connection) {
                    return Answer(ParseRequest(std::move(request)), connection);
                  }),
        loop_(options.max_connections,
              [this](ServedConnection& connection) { return protocol_.Serve(connection); }) {}

  absl::Status Start() {
    ASSIGN_OR_RETURN(cors_, Cors::Create(options_.cors_origin));
    ASSIGN_OR_RETURN(const ListenAddress address, ListenAddress::Parse(options_.listen_address));
    ASSIGN_OR_RETURN(Socket listener, Listen(address));
    port_ = BoundPort(listener);
    return loop_.Start(std::move(listener));
  }

  void Route(std::string_view method, std::string_view path, Handler handler) {
    router_.Add(method, path, std::move(handler));
  }
  int port() const { return port_; }
  void Stop() { loop_.Stop(); }

 private:
  Response Answer(Request request, ServedConnection& connection) {
    request.cancellation = &connection.BeginWork();
    request.client_address = connection.stream().PeerAddress();
    Response response = Dispatch(request);
    if (absl::StartsWith(request.path, ToAbsl(kApiPrefix))) {
      cors_->AddHeaders(request.Header("Origin"), response);
    }
    if (response.stream) EndAtStop(response);
    EncodeBody(request.Header("Accept-Encoding"), response);
    response.headers.emplace_back(
        "Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
    return response;
  }

  // A client that reads slowly must not hold up the end.
  void EndAtStop(Response& response) const {
    response.stream = [this, stream = std::move(response.stream)](const BodySink& sink) {
      return stream([&](std::string_view part) { return !loop_.stopping() && sink(part); });
    };
  }

  Response Dispatch(Request& request) {
    Router::Match match = router_.Find(request.method, request.path);
    if (match.handler != nullptr) {
      request.path_params = std::move(match.path_params);
      return (*match.handler)(request);
    }
    if (match.allowed_methods.empty()) return Response::Text(404, "404 page not found\n");
    if (request.method == "OPTIONS") return Response::Text(204, "");
    Response response = Response::Text(405, "Method Not Allowed\n");
    response.headers.emplace_back("Allow", match.allowed_methods);
    return response;
  }

  const HttpServerOptions options_;
  Router router_;             // fixed at Start
  std::optional<Cors> cors_;  // likewise
  int port_ = 0;
  HttpProtocol protocol_;
  ConnectionLoop loop_;  // last: its threads read all of the above
};

HttpServer::HttpServer(const HttpServerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
HttpServer::~HttpServer() = default;

void HttpServer::Route(std::string_view method, std::string_view path, Handler handler) {
  impl_->Route(method, path, std::move(handler));
}
absl::Status HttpServer::Start() { return impl_->Start(); }
int HttpServer::port() const { return impl_->port(); }
void HttpServer::Stop() { impl_->Stop(); }

}  // namespace tidemark::http
