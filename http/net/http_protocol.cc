#include "http/net/http_protocol.h"

#include <httplib.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

#include "base/strings.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxHeaderBytes = 1 << 20;
// What chunked framing may add to a body.
constexpr size_t kMaxFramingBytes = 1 << 20;
// Every request goes to handlers of this one path; routing is ours.
constexpr char kAnyPath[] = "/";

// cpp-httplib's view of a connection.
class StreamAdapter : public httplib::Stream {
 public:
  explicit StreamAdapter(ClientStream& stream) : stream_(stream) {}
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override { return stream_.Read(out, size); }
  ssize_t write(const char* bytes, size_t size) override {
    return stream_.Write({bytes, size}) ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  // The library refuses numbers that do not fit select(), which nothing here uses.
  socket_t socket() const override { return 0; }

 private:
  ClientStream& stream_;
};

// One request on its way.
struct Exchange {
  ServedConnection& connection;
  ReceivedRequest received;
  int refusal = 0;            // the status of a request that is not to be looked at
  bool headers_read = false;  // false: what came is not HTTP
  bool answered = false;      // by a handler of ours, not by the library
  bool close = false;         // after the response
};

// The library's callbacks have no room for a context; all of them are called on the thread that
// serves.
thread_local Exchange* current = nullptr;

std::string_view Reason(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 413:
      return "request body too large";
    case 414:
      return "URI too long";
    case 501:
      return "unsupported transfer coding";
    default:
      return "Internal Server Error";
  }
}

void CopyHeaders(const httplib::Headers& headers, Exchange& exchange) {
  // The library's own additions.
  static constexpr std::array<std::string_view, 4> kAdded = {"REMOTE_ADDR", "REMOTE_PORT",
                                                             "LOCAL_ADDR", "LOCAL_PORT"};
  for (const auto& [name, value] : headers) {
    if (std::find(kAdded.begin(), kAdded.end(), name) != kAdded.end()) continue;
    if (absl::EqualsIgnoreCase(name, "Connection") && absl::EqualsIgnoreCase(value, "close")) {
      exchange.close = true;
    }
    exchange.received.headers.emplace_back(name, value);
  }
}

// Decides how long the body is, and refuses what is ambiguous: a proxy in front might see another
// boundary between requests.
int CheckBody(httplib::Request& request, size_t max_body_bytes, Exchange& exchange) {
  const auto [first_length, last_length] = request.headers.equal_range("Content-Length");
  const auto num_lengths = std::distance(first_length, last_length);
  if (request.has_header("Transfer-Encoding")) {
    if (num_lengths > 0) return 400;
    if (!absl::EqualsIgnoreCase(request.get_header_value("Transfer-Encoding"), "chunked")) {
      return 501;
    }
    exchange.connection.stream().SetReadLimit(2 * max_body_bytes + kMaxFramingBytes);
    return 0;
  }
  uint64_t length = 0;
  if (num_lengths > 1) return 400;
  if (num_lengths == 1 && !absl::SimpleAtoi(first_length->second, &length)) return 400;
  if (length > max_body_bytes) return 413;
  // Without a length there is no body; the library would wait for the end of the connection.
  if (num_lengths == 0) request.set_header("Content-Length", "0");
  exchange.connection.stream().SetReadLimit(length);
  return 0;
}

}  // namespace

class HttpProtocol::Impl : private httplib::Server {
 public:
  Impl(size_t max_body_bytes, Answer answer)
      : max_body_bytes_(max_body_bytes), answer_(std::move(answer)) {
    // Without a socket the library takes itself to be stopped, and sends no streamed body.
    svr_sock_ = 0;
    const Handler plain = [this](const httplib::Request&, httplib::Response& response) {
      HandleRequest(response);
    };
    const HandlerWithContentReader with_body =
        [this](const httplib::Request&, httplib::Response& response,
               const httplib::ContentReader& read) { HandleRequestWithBody(read, response); };
    Get(kAnyPath, plain).Options(kAnyPath, plain).Delete(kAnyPath, plain);
    Post(kAnyPath, with_body).Put(kAnyPath, with_body);
    Patch(kAnyPath, with_body).Delete(kAnyPath, with_body);
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!current->answered) Refuse(response.status, response);
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response,
                             std::exception_ptr) { Refuse(500, response); });
    set_post_routing_handler(
        [](const httplib::Request&, httplib::Response& response) { FinishHeaders(response); });
  }

  bool Serve(ServedConnection& connection) {
    Exchange exchange{connection, {}};
    current = &exchange;
    connection.stream().BeginRequest(kMaxHeaderBytes);
    StreamAdapter stream(connection.stream());
    bool closed = false;
    const bool written = process_request(stream, /*close_connection=*/false, closed,
                                         [&](httplib::Request& r) { Prepare(r, exchange); });
    current = nullptr;
    const bool sent = connection.stream().Flush() && written;
    if (sent && exchange.refusal != 0) connection.stream().AwaitClose();
    return sent && !closed && exchange.headers_read && !exchange.close;
  }

 private:
  // Called between the headers and the body.
  void Prepare(httplib::Request& request, Exchange& exchange) const {
    exchange.headers_read = true;
    exchange.received.method = request.method;
    exchange.received.target = request.target;
    CopyHeaders(request.headers, exchange);
    exchange.refusal = CheckBody(request, max_body_bytes_, exchange);

    const bool takes_body = request.method == "POST" || request.method == "PUT" ||
                            request.method == "PATCH" || request.method == "DELETE";
    const bool has_body = request.has_header("Transfer-Encoding") ||
                          request.get_header_value("Content-Length") != "0";
    if (exchange.refusal != 0 || (has_body && !takes_body)) {
      // The body is left unread, so nothing can follow it.
      exchange.close = true;
      request.headers.erase("Transfer-Encoding");
      request.headers.erase("Content-Length");
      request.headers.erase("Expect");
      request.set_header("Content-Length", "0");
    }
    for (const char* name : {"Content-Type", "Content-Encoding", "Accept-Encoding", "Connection"}) {
      request.headers.erase(name);
    }
    request.ranges.clear();
    request.path = std::string(kAnyPath);
  }

  void HandleRequestWithBody(const httplib::ContentReader& read, httplib::Response& response) {
    std::string& body = current->received.body;
    const bool complete = read([&](const char* bytes, size_t size) {
      if (body.size() + size > max_body_bytes_) current->refusal = 413;
      if (current->refusal == 0) body.append(bytes, size);
      return current->refusal == 0;
    });
    if (!complete && current->refusal == 0) {
      current->refusal = current->connection.stream().limit_reached() ? 413 : 400;
    }
    HandleRequest(response);
  }

  void HandleRequest(httplib::Response& response) {
    if (current->refusal != 0) return Refuse(current->refusal, response);
    Response answer = answer_(std::move(current->received), current->connection);
    current->answered = true;
    response.status = answer.status;
    for (auto& [name, value] : answer.headers) response.headers.emplace(name, std::move(value));
    if (answer.stream) return SetStream(std::move(answer), response);
    if (!answer.body.empty() || answer.content_type != Response::kPlainText) {
      response.headers.emplace("Content-Type", answer.content_type);
    }
    response.body = std::move(answer.body);
  }

  static void SetStream(Response answer, httplib::Response& response) {
    response.set_chunked_content_provider(
        answer.content_type, [stream = std::move(answer.stream)](size_t, httplib::DataSink& sink) {
          const absl::Status status = stream([&sink](std::string_view part) {
            return part.empty() || sink.write(part.data(), part.size());
          });
          if (status.ok()) sink.done();
          return status.ok();
        });
  }

  static void Refuse(int status, httplib::Response& response) {
    current->answered = true;
    current->close = true;
    response.status = status;
    response.set_content(StrCat(Reason(status), "\n"), "text/plain; charset=utf-8");
  }

  static void FinishHeaders(httplib::Response& response) {
    response.headers.erase("Keep-Alive");
    response.headers.erase("Accept-Ranges");
    if (response.status == 204) response.headers.erase("Content-Length");
    if (current->close || !current->headers_read) {
      response.headers.erase("Connection");
      response.set_header("Connection", "close");
    }
  }

  const size_t max_body_bytes_;
  const Answer answer_;
};

HttpProtocol::HttpProtocol(size_t max_body_bytes, Answer answer)
    : impl_(std::make_unique<Impl>(max_body_bytes, std::move(answer))) {}
HttpProtocol::~HttpProtocol() = default;

bool HttpProtocol::Serve(ServedConnection& connection) { return impl_->Serve(connection); }

}  // namespace tidemark::http
