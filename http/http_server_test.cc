#include "http/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/compression.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

// A connection that sends and receives exactly what a test says.
class RawClient {
 public:
  explicit RawClient(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~RawClient() { Close(); }

  bool connected() const { return connected_; }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has answered and closed
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // One response: headers and as much body as they announce; what came before the end where the
  // connection ends.
  std::string Receive(bool has_body = true) {
    while (!absl::StrContains(received_, "\r\n\r\n") && Fill()) {
    }
    size_t size = received_.find("\r\n\r\n");
    if (size == std::string::npos) return std::exchange(received_, "");
    size += 4;
    const size_t length = received_.find("Content-Length: ");
    if (has_body && length < size) size += std::strtoull(&received_[length + 16], nullptr, 10);
    while (received_.size() < size && Fill()) {
    }
    std::string response = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }
  // Up to `end`, or where the connection ends before it all that came.
  std::string ReceiveUntil(std::string_view end) {
    while (!absl::StrContains(received_, ToAbsl(end)) && Fill()) {
    }
    return std::exchange(received_, "");
  }
  std::string Exchange(std::string_view request) {
    Send(request);
    return Receive(!request.starts_with("HEAD"));
  }
  bool AtEnd() { return received_.empty() && !Fill(); }

 private:
  bool Fill() {
    char buffer[4096];
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
    if (size > 0) received_.append(buffer, static_cast<size_t>(size));
    return size > 0;
  }

  int fd_;
  bool connected_ = false;
  std::string received_;
};

std::string Body(const std::string& response) {
  const size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

std::string Get(std::string_view target, std::string_view headers = "") {
  return StrCat("GET ", target, " HTTP/1.1\r\nHost: x\r\n", headers, "\r\n");
}
std::string Post(std::string_view target, std::string_view headers, std::string_view body) {
  return StrCat("POST ", target, " HTTP/1.1\r\nHost: x\r\nContent-Length: ", body.size(), "\r\n",
                headers, "\r\n", body);
}

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.listen_address = "127.0.0.1:0";
    options_.max_body_bytes = 10'000;
  }
  void Start() {
    server_ = std::make_unique<HttpServer>(options_);
    server_->Route("GET", "/hello", [](const Request&) { return Response::Text(200, "hello"); });
    const Handler echo = [this](const Request& request) {
      last_ = request;
      return Response::Text(200, request.body);
    };
    server_->Route("POST", "/api/echo", echo);
    server_->Route("GET", "/api/echo", echo);
    server_->Route("GET", "/label/*/values", echo);
    server_->Route("GET", "/long",
                   [](const Request&) { return Response::Text(200, std::string(100'000, 'x')); });
    server_->Route("GET", "/parts", [](const Request& request) {
      Response response;
      response.content_type = "text/parts";
      response.stream = [fails = request.Param("fails") == "1"](const BodySink& sink) {
        sink("one");
        sink("");
        sink(std::string(100'000, 'x'));
        return fails ? absl::DataLossError("damaged") : absl::OkStatus();
      };
      return response;
    });
    server_->Route("GET", "/encoded", [](const Request&) {
      Response response = Response::Text(200, std::string(100'000, 'x'));
      response.headers.emplace_back("Content-Encoding", "snappy");
      return response;
    });
    server_->Route("GET", "/endless", [](const Request&) {
      Response response;
      response.stream = [](const BodySink& sink) {
        while (sink("more")) {
        }
        return absl::CancelledError("gone");
      };
      return response;
    });
    server_->Route("GET", "/empty", [](const Request&) {
      Response response;
      response.content_type = "text/empty";
      return response;
    });
    server_->Route("GET", "/nothing", [](const Request&) { return Response::Text(204, ""); });
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  RawClient Connect() { return RawClient(server_->port()); }

  HttpServerOptions options_;
  Request last_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, RoutesByMethodAndPath) {
  Start();
  struct Case {
    std::string_view name, request, want_status, want;
  };
  constexpr Case kCases[] = {
      {"found", "GET /hello HTTP/1.1\r\n\r\n", "200 OK", "\r\n\r\nhello"},
      {"the query is no part of the path", "GET /hello?x=1 HTTP/1.1\r\n\r\n", "200", "hello"},
      {"not found", "GET /hell HTTP/1.1\r\n\r\n", "404", "404 page not found\n"},
      {"other method", "POST /hello HTTP/1.1\r\n\r\n", "405", "Allow: GET\r\n"},
      {"head", "HEAD /hello HTTP/1.1\r\n\r\n", "200", "Content-Length: 5\r\n"},
      {"options", "OPTIONS /api/echo HTTP/1.1\r\n\r\n", "204", "Vary: Origin\r\n"},
      {"a star is one segment", "GET /label/a/b/values HTTP/1.1\r\n\r\n", "404", ""},
      {"and not an empty one", "GET /label//values HTTP/1.1\r\n\r\n", "404", ""},
      {"post without a length has no body", "POST /api/echo HTTP/1.1\r\n\r\n", "200", ""},
      {"chunked",
       "POST /api/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "200",
       "\r\n\r\nabc"},
  };
  RawClient client = Connect();  // all of it on one connection
  for (const Case& c : kCases) {
    const std::string response = client.Exchange(c.request);
    EXPECT_THAT(response, StartsWith(StrCat("HTTP/1.1 ", c.want_status))) << c.name;
    EXPECT_THAT(response, HasSubstr(std::string(c.want))) << c.name;
    EXPECT_THAT(response, Not(HasSubstr("Connection: close"))) << c.name;
  }
}

TEST_F(HttpServerTest, RefusesWhatItCannotReadAndCloses) {
  Start();
  const std::string much(20'000, 'x');
  const std::string chunk = StrCat("4e20\r\n", much, "\r\n0\r\n\r\n");
  struct Case {
    std::string_view name;
    std::string request, want_status;
  };
  const Case kCases[] = {
      {"not HTTP", "hello\r\n\r\n", "400"},
      {"long URL", Get("/hello?" + much), "414"},
      {"body too large", Post("/api/echo", "", much), "413"},
      {"chunked body too large",
       "POST /api/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk, "413"},
      {"bad chunk", "POST /api/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"bad length", "POST /api/echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
      {"two lengths", "POST /api/echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       "400"},
      {"length and chunks",
       "POST /api/echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
       "400"},
      {"unknown coding", "POST /api/echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"asks to close", Get("/hello", "Connection: close\r\n"), "200"},
      {"a body that is not read", "GET /hello HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "200"},
  };
  for (const Case& c : kCases) {
    RawClient client = Connect();
    const std::string response = client.Exchange(c.request);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 " + c.want_status)) << c.name;
    EXPECT_THAT(response, HasSubstr("Connection: close\r\n")) << c.name;
    EXPECT_TRUE(client.AtEnd()) << c.name;
  }
}

TEST_F(HttpServerTest, MergesParametersOfFormAndUrl) {
  Start();
  RawClient client = Connect();
  client.Exchange(Post("/api/echo?b=3&c", "Content-Type: application/x-www-form-urlencoded\r\n",
                       "a=1+%2B1&b=2&&d=x=y"));
  EXPECT_THAT(last_.params, ElementsAre(Pair("a", "1 +1"), Pair("b", "2"), Pair("d", "x=y"),
                                        Pair("b", "3"), Pair("c", "")));
  EXPECT_EQ(last_.body, "");
  EXPECT_EQ(last_.Param("b"), "2");
  EXPECT_EQ(last_.Param("z"), "");
  EXPECT_THAT(last_.Params("b"), ElementsAre("2", "3"));

  // Longer than the library would take as a form.
  const std::string query(9'000, 'q');
  client.Exchange(
      Post("/api/echo", "content-type: application/x-www-form-urlencoded\r\n", "query=" + query));
  EXPECT_EQ(last_.Param("query"), query);
}

TEST_F(HttpServerTest, HandsBodiesAndSegmentsOn) {
  Start();
  RawClient client = Connect();
  const std::string zipped = [] {
    std::string out;
    GzipCompress("text", &out);
    return out;
  }();
  client.Exchange(Post("/api/echo", "Content-Encoding: gzip\r\nContent-Type: a/b\r\n", zipped));
  EXPECT_EQ(last_.body, zipped);
  EXPECT_EQ(last_.Header("content-encoding"), "gzip");
  EXPECT_EQ(last_.Header("Content-Type"), "a/b");

  client.Exchange(Get("/label/a%2Fb+c/values"));
  EXPECT_THAT(last_.path_params, ElementsAre("a/b+c"));
}

TEST_F(HttpServerTest, CompressesWhereTheClientAcceptsIt) {
  Start();
  struct Case {
    std::string_view accept, want;
  };
  constexpr Case kCases[] = {
      {"gzip", "gzip"},           {"deflate, gzip", "deflate"},
      {"br, gzip;q=0.5", "gzip"}, {"gzip;q=0", ""},
      {"identity", ""},           {"", ""},
      {"gzip; q=0.0", ""},
  };
  RawClient client = Connect();
  for (const Case& c : kCases) {
    const std::string response =
        client.Exchange(Get("/long", StrCat("Accept-Encoding: ", c.accept, "\r\n")));
    if (c.want.empty()) {
      EXPECT_THAT(response, Not(HasSubstr("Content-Encoding"))) << c.accept;
      EXPECT_EQ(Body(response).size(), 100'000) << c.accept;
    } else {
      EXPECT_THAT(response, HasSubstr(StrCat("Content-Encoding: ", c.want, "\r\n"))) << c.accept;
      EXPECT_LT(Body(response).size(), 1000) << c.accept;
    }
  }
  std::string text;
  const std::string response = client.Exchange(Get("/long", "Accept-Encoding: gzip\r\n"));
  ASSERT_TRUE(GzipUncompress(Body(response), 1 << 20, &text).ok());
  EXPECT_EQ(text, std::string(100'000, 'x'));
}

TEST_F(HttpServerTest, TellsBrowsersWhoMayRead) {
  options_.cors_origin = "https?://(a|b)\\.example";
  Start();
  RawClient client = Connect();
  const std::string allowed = client.Exchange(Get("/api/echo", "Origin: http://a.example\r\n"));
  EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Origin: http://a.example\r\n"));
  EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Methods: GET, POST, OPTIONS\r\n"));
  EXPECT_THAT(allowed, HasSubstr("Access-Control-Expose-Headers: Date\r\n"));
  EXPECT_THAT(allowed, HasSubstr("Vary: Origin\r\n"));
  const std::string other = client.Exchange(Get("/api/echo", "Origin: http://c.example\r\n"));
  EXPECT_THAT(other, Not(HasSubstr("Access-Control")));
  EXPECT_THAT(other, HasSubstr("Vary: Origin\r\n"));
  EXPECT_THAT(client.Exchange(Get("/hello", "Origin: http://a.example\r\n")),
              Not(HasSubstr("Access-Control")));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/hello") + Get("/nowhere") + Get("/nothing") + Get("/hello"));
  EXPECT_EQ(Body(client.Receive()), "hello");
  EXPECT_EQ(Body(client.Receive()), "404 page not found\n");
  EXPECT_EQ(Body(client.Receive()), "");
  EXPECT_EQ(Body(client.Receive()), "hello");
}

TEST_F(HttpServerTest, IdleConnectionsMakeRoomAndCostNoThread) {
  options_.max_connections = 4;
  Start();
  std::vector<RawClient> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(Connect());
    EXPECT_EQ(Body(idle.back().Exchange(Get("/hello"))), "hello") << i;
  }
  EXPECT_TRUE(idle.front().AtEnd());
  EXPECT_EQ(Body(idle.back().Exchange(Get("/hello"))), "hello");
}

TEST_F(HttpServerTest, AClientThatGoesCancelsItsRequest) {
  Start();
  server_->Stop();
  server_ = std::make_unique<HttpServer>(options_);
  absl::Notification begun, cancelled;
  server_->Route("GET", "/slow", [&](const Request& request) {
    begun.Notify();
    while (request.cancellation->Check().ok()) std::this_thread::yield();
    cancelled.Notify();
    return Response::Text(200, "late");
  });
  ASSERT_TRUE(server_->Start().ok());
  RawClient client = Connect();
  client.Send(Get("/slow"));
  begun.WaitForNotification();
  client.Close();
  cancelled.WaitForNotification();
}

TEST_F(HttpServerTest, StopWaitsForRequestsAndForNothingElse) {
  server_ = std::make_unique<HttpServer>(options_);
  absl::Notification begun, go_on;
  server_->Route("GET", "/slow", [&](const Request&) {
    begun.Notify();
    go_on.WaitForNotification();
    return Response::Text(200, "done");
  });
  ASSERT_TRUE(server_->Start().ok());
  RawClient idle = Connect(), partial = Connect(), working = Connect();
  partial.Send("POST /slow HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  working.Send(Get("/slow"));
  begun.WaitForNotification();
  std::thread stop([&] { server_->Stop(); });
  EXPECT_TRUE(idle.AtEnd());
  go_on.Notify();
  EXPECT_EQ(Body(working.Receive()), "done");
  stop.join();
  EXPECT_TRUE(working.AtEnd());
  server_->Stop();
}

TEST_F(HttpServerTest, StreamsABodyInParts) {
  Start();
  RawClient client = Connect();
  for (int i = 0; i < 2; ++i) {  // the connection goes on
    client.Send(Get("/parts", "Accept-Encoding: gzip\r\n"));
    const std::string response = client.ReceiveUntil("\r\n0\r\n\r\n");
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, HasSubstr("Content-Type: text/parts\r\n"));
    EXPECT_THAT(response, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(response, Not(HasSubstr("Content-Encoding")));
    EXPECT_EQ(Body(response),
              StrCat("3\r\none\r\n186a0\r\n", std::string(100'000, 'x'), "\r\n0\r\n\r\n"));
  }
  client.Send(Get("/parts?fails=1"));
  EXPECT_THAT(Body(client.ReceiveUntil("\r\n0\r\n\r\n")),
              ::testing::AllOf(StartsWith("3\r\none\r\n"), Not(HasSubstr("\r\n0\r\n"))));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, AStreamEndsWithTheServer) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/endless"));
  std::thread stop([&, begun = client.ReceiveUntil("more")] { server_->Stop(); });
  EXPECT_THAT(client.ReceiveUntil("\r\n0\r\n"), Not(HasSubstr("\r\n0\r\n")));
  stop.join();
}

TEST_F(HttpServerTest, AnEmptyBodyMayHaveAType) {
  Start();
  EXPECT_THAT(Connect().Exchange(Get("/empty")),
              HasSubstr("Content-Length: 0\r\nContent-Type: text/empty\r\n"));
  EXPECT_THAT(Connect().Exchange(Get("/nothing")), Not(HasSubstr("Content-Type")));
}

TEST_F(HttpServerTest, ABodyThatIsEncodedStaysAsItIs) {
  Start();
  const std::string response = Connect().Exchange(Get("/encoded", "Accept-Encoding: gzip\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Encoding: snappy\r\n"));
  EXPECT_THAT(response, Not(HasSubstr("gzip")));
  EXPECT_EQ(Body(response), std::string(100'000, 'x'));
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  Start();
  struct Case {
    std::string address;
    absl::StatusCode code;
    std::string want;
  };
  const Case kCases[] = {
      {StrCat("127.0.0.1:", server_->port()), absl::StatusCode::kUnavailable, "in use"},
      {"203.0.113.1:0", absl::StatusCode::kUnavailable, "assign requested address"},
      {"127.0.0.1", absl::StatusCode::kInvalidArgument, "want HOST:PORT"},
      {"127.0.0.1:x", absl::StatusCode::kInvalidArgument, "port is not a number"},
      {"127.0.0.1:70000", absl::StatusCode::kInvalidArgument, "port is not a number"},
      {"::1:80", absl::StatusCode::kInvalidArgument, "brackets"},
  };
  for (const Case& c : kCases) {
    HttpServerOptions options;
    options.listen_address = c.address;
    const absl::Status status = HttpServer(options).Start();
    EXPECT_EQ(status.code(), c.code) << c.address << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.want)) << c.address;
  }
}

TEST_F(HttpServerTest, ListensOnEveryFamilyWhereNoHostIsGiven) {
  options_.listen_address = ":0";
  Start();
  EXPECT_EQ(Body(Connect().Exchange(Get("/hello"))), "hello");
}

TEST_F(HttpServerTest, ManyClientsAtOnce) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      RawClient client = Connect();
      for (int k = 0; k < 50; ++k) answered += Body(client.Exchange(Get("/hello"))) == "hello";
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 16 * 50);
}

}  // namespace
}  // namespace tidemark::http
