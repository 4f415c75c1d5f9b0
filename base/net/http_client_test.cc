#include "base/net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

#include "base/io/compression.h"
#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/loopback_http_server.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/test_certificates.h"
#include "tests/testing/tls_front.h"

namespace tidemark {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::tidemark::testing::Certificate;
using ::tidemark::testing::CertificateAuthority;
using ::tidemark::testing::LoopbackHttpServer;
using ::tidemark::testing::LoopbackReply;
using ::tidemark::testing::LoopbackRequest;
using ::tidemark::testing::TempDirectory;
using ::tidemark::testing::TlsFront;
using ::tidemark::testing::UnusedLoopbackAddress;
using Manner = LoopbackReply::Manner;

constexpr DurationMs kNever = kHour;  // a timeout that no test waits for
constexpr DurationMs kSoon = 50;      // one that a test does wait for

LoopbackReply Echo(const LoopbackRequest& request) {
  return {.status = 200, .body = StrCat(request.method, " ", request.target, " ", request.body)};
}

HttpRequest Get(std::string url, DurationMs timeout = kNever) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = timeout;
  return request;
}

std::string Message(const absl::StatusOr<HttpResponse>& outcome) {
  return std::string(outcome.status().message());
}

TEST(HttpClientTest, SendsAndReceives) {
  LoopbackHttpServer server([](const LoopbackRequest& request) {
    LoopbackReply reply = Echo(request);
    reply.headers = {{"X-Mixed-Case", " two words "}, {"Content-Type", "text/plain"}};
    return reply;
  });
  HttpClient client;
  const auto got = client.SendAndWait(Get(server.Url("/a?b=c")), {});
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "GET /a?b=c ");
  EXPECT_EQ(got->Header("x-mixed-case"), "two words");
  EXPECT_EQ(got->Header("absent"), "");

  HttpRequest post = Get(server.Url("/p"));
  post.method = "POST";
  post.body = std::string(3 << 20, 'x');  // large enough that curl would ask for consent first
  const auto posted = client.SendAndWait(post, {});
  ASSERT_TRUE(posted.ok()) << posted.status();
  EXPECT_EQ(posted->body, "POST /p " + post.body);

  for (const char* method : {"PUT", "DELETE", "HEAD"}) {
    HttpRequest request = Get(server.Url("/m"));
    request.method = method;
    ASSERT_TRUE(client.SendAndWait(request, {}).ok()) << method;
    EXPECT_EQ(server.requests().back().method, method);
  }
}

TEST(HttpClientTest, AnyStatusIsAResponse) {
  for (const int status : {204, 304, 404, 500, 503}) {
    LoopbackHttpServer server(
        [status](const LoopbackRequest&) { return LoopbackReply{.status = status, .body = ""}; });
    const auto got = HttpClient().SendAndWait(Get(server.Url("/")), {});
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(got->status, status);
  }
}

TEST(HttpClientTest, PresentsItselfAsConfigured) {
  LoopbackHttpServer server(Echo);
  HttpClient client;
  HttpClientOptions options;
  options.user_agent = "Tidemark/1";
  options.username = "u";
  options.password = "p";
  options.headers = {{"X-Scope", "team"}, {"X-Empty", ""}};
  HttpRequest request = Get(server.Url("/"));
  request.headers = {{"Accept", "text/plain"}};
  request.accept_gzip = true;
  ASSERT_TRUE(client.SendAndWait(request, options).ok());
  auto headers = server.requests().back().headers;
  EXPECT_EQ(headers["user-agent"], "Tidemark/1");
  EXPECT_EQ(headers["authorization"], "Basic dTpw");
  EXPECT_EQ(headers["x-scope"], "team");
  EXPECT_TRUE(headers.contains("x-empty"));
  EXPECT_EQ(headers["accept"], "text/plain");
  EXPECT_EQ(headers["accept-encoding"], "gzip");

  HttpClientOptions bearer;
  bearer.authorization_credentials = "token";
  ASSERT_TRUE(client.SendAndWait(Get(server.Url("/")), bearer).ok());
  headers = server.requests().back().headers;
  EXPECT_EQ(headers["authorization"], "Bearer token");
  EXPECT_FALSE(headers.contains("accept-encoding"));
  EXPECT_FALSE(headers.contains("expect"));
}

TEST(HttpClientTest, GoesThroughAProxy) {
  LoopbackHttpServer proxy(Echo);
  HttpClientOptions options;
  options.proxy.url = proxy.Url("");
  const auto got = HttpClient().SendAndWait(Get("http://target.invalid/m"), options);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(proxy.requests().back().target, "http://target.invalid/m");
}

TEST(HttpClientTest, ConnectsThroughAProxyToTls) {
  const auto refuse = [](const LoopbackRequest&) {
    return LoopbackReply{.status = 407, .body = ""};
  };
  LoopbackHttpServer proxy(refuse);
  HttpClientOptions options;
  options.proxy.url = proxy.Url("");
  options.proxy.connect_headers = {{"X-Tunnel", "yes"}};
  options.authorization_credentials = "token";
  HttpClient client;
  const auto got = client.SendAndWait(Get("https://target.invalid/m"), options);
  EXPECT_EQ(got.status().code(), absl::StatusCode::kUnavailable);
  LoopbackRequest seen = proxy.requests().at(0);
  EXPECT_EQ(seen.method, "CONNECT");
  EXPECT_EQ(seen.target, "target.invalid:443");
  EXPECT_EQ(seen.headers["x-tunnel"], "yes");
  EXPECT_FALSE(seen.headers.contains("authorization")) << "that is for the target";

  EXPECT_TRUE(client.SendAndWait(Get("http://target.invalid/m"), options).ok());
  EXPECT_FALSE(proxy.requests().at(1).headers.contains("x-tunnel"));
}

TEST(HttpClientTest, ChoosesTheProxy) {
  LoopbackHttpServer proxy(Echo), server(Echo);
  HttpClient client;
  HttpClientOptions options;
  options.proxy.url = proxy.Url("");
  options.proxy.no_proxy = "b.invalid";
  EXPECT_TRUE(client.SendAndWait(Get("http://a.invalid/"), options).ok());
  EXPECT_FALSE(client.SendAndWait(Get("http://b.invalid/"), options).ok());
  EXPECT_TRUE(client.SendAndWait(Get(server.Url("/")), options).ok());
  EXPECT_EQ(server.requests().size(), 1u) << "loopback addresses are asked directly";
  EXPECT_EQ(proxy.requests().size(), 1u);

  setenv("HTTP_PROXY", proxy.address().c_str(), 1);
  setenv("NO_PROXY", "c.invalid", 1);
  options.proxy = {.from_environment = true};
  EXPECT_TRUE(client.SendAndWait(Get("http://b.invalid/"), options).ok());
  EXPECT_FALSE(client.SendAndWait(Get("http://c.invalid/"), options).ok());
  options.proxy = {.url = proxy.Url("")};
  EXPECT_TRUE(client.SendAndWait(Get("http://c.invalid/"), options).ok())
      << "the environment is not asked";
  unsetenv("HTTP_PROXY");
  unsetenv("NO_PROXY");
}

class HttpClientFilesTest : public ::testing::Test {
 protected:
  std::string Write(std::string_view name, std::string_view text) const {
    const std::string path = StrCat(directory_.path(), "/", name);
    EXPECT_TRUE(WriteFileAtomically(path, text).ok());
    return path;
  }

  const TempDirectory directory_;
};

TEST_F(HttpClientFilesTest, SecretsAreReadForEachRequest) {
  LoopbackHttpServer server(Echo);
  HttpClient client;
  HttpClientOptions basic, bearer;
  basic.username_file = Write("user", "u\n");
  basic.password_file = Write("password", " p\n");
  bearer.authorization_credentials_file = Write("token", "one");
  bearer.header_files = {{"X-Key", Write("header", "\tk ")}};
  const auto authorization = [&](const HttpClientOptions& options) {
    EXPECT_TRUE(client.SendAndWait(Get(server.Url("/")), options).ok());
    return server.requests().back().headers["authorization"];
  };
  EXPECT_EQ(authorization(basic), "Basic dTpw");
  EXPECT_EQ(authorization(bearer), "Bearer one");
  EXPECT_EQ(server.requests().back().headers["x-key"], "k");
  Write("password", "q");
  Write("token", "two");
  EXPECT_EQ(authorization(basic), "Basic dTpx");
  EXPECT_EQ(authorization(bearer), "Bearer two");

  std::filesystem::remove(bearer.header_files[0].second);
  const std::string& path = bearer.header_files[0].second;
  EXPECT_EQ(Message(client.SendAndWait(Get(server.Url("/")), bearer)),
            StrCat("Get \"", server.Url("/"), "\": unable to read headers file ", path, ": open ",
                   path, ": no such file or directory"));
  basic.password_file = directory_.path() + "/absent";
  EXPECT_EQ(
      Message(client.SendAndWait(Get(server.Url("/")), basic)),
      StrCat("Get \"", server.Url("/"),
             "\": unable to read basic auth password: unable to read file ", basic.password_file,
             ": open ", basic.password_file, ": no such file or directory"));
}

TEST_F(HttpClientFilesTest, TlsFilesAreReadForEachRequest) {
  const CertificateAuthority authority, other;
  LoopbackHttpServer server(Echo);
  TlsFront front(server.port(), {.certificate = authority.Issue("server", {"IP:127.0.0.1"}),
                                 .client_ca = authority.certificate()});
  const auto write_client = [&](const std::string& name) {
    const Certificate client = authority.Issue(name);
    Write("cert", client.cert);
    Write("key", client.key);
  };
  write_client("one");
  HttpClientOptions options;
  options.tls.ca_file = Write("ca", authority.certificate());
  options.tls.cert_file = directory_.path() + "/cert";
  options.tls.key_file = directory_.path() + "/key";
  HttpClient client;
  for (int i = 0; i < 2; ++i) {
    const auto got = client.SendAndWait(Get(front.Url("/m")), options);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(got->body, "GET /m ");
  }
  write_client("two");
  EXPECT_TRUE(client.SendAndWait(Get(front.Url("/m")), options).ok());
  EXPECT_THAT(front.clients(), ElementsAre("one", "two")) << "the connection of before is not used";
  Write("ca", other.certificate());
  EXPECT_THAT(Message(client.SendAndWait(Get(front.Url("/m")), options)),
              HasSubstr("tls: failed to verify certificate of 127.0.0.1"));
}

TEST(HttpClientTest, TlsCertificates) {
  const CertificateAuthority authority, other;
  const Certificate visitor = authority.Issue("client");
  LoopbackHttpServer server(Echo);
  TlsFront front(server.port(), {.certificate = authority.Issue("s", {"DNS:s.example"})});
  TlsFront strict(server.port(), {.certificate = authority.Issue("s", {"IP:127.0.0.1"}),
                                  .client_ca = authority.certificate()});
  struct Case {
    const char* name;
    const TlsFront& front;
    TlsOptions tls;
    bool ok;
  };
  const std::string& ca = authority.certificate();
  const Case cases[] = {
      {"another name", front, {.ca = ca}, false},
      {"the name that is asked for", front, {.ca = ca, .server_name = "s.example"}, true},
      {"an unknown authority",
       front,
       {.ca = other.certificate(), .server_name = "s.example"},
       false},
      {"that of the system", front, {.server_name = "s.example"}, false},
      {"nothing is verified", front, {.insecure_skip_verify = true}, true},
      {"no client certificate", strict, {.ca = ca}, false},
      {"a client certificate", strict, {.ca = ca, .cert = visitor.cert, .key = visitor.key}, true},
      {"a client key that is none", strict, {.ca = ca, .cert = visitor.cert, .key = "x"}, false},
  };
  for (const Case& c : cases) {
    HttpClientOptions options;
    options.tls = c.tls;
    const auto got = HttpClient().SendAndWait(Get(c.front.Url("/m")), options);
    EXPECT_EQ(got.ok(), c.ok) << c.name << ": " << got.status();
  }
}

TEST(HttpClientTest, TlsVersions) {
  const CertificateAuthority authority;
  LoopbackHttpServer server(Echo);
  TlsFront newest(server.port(), {.certificate = authority.Issue("s", {"IP:127.0.0.1"})});
  TlsFront tls11(server.port(),
                 {.certificate = authority.Issue("s", {"IP:127.0.0.1"}), .max_version = 1});
  struct Case {
    const TlsFront& front;
    TlsVersion min;
    std::optional<TlsVersion> max;
    bool ok;
  };
  const Case cases[] = {
      {newest, TlsVersion::kTls12, std::nullopt, true},
      {newest, TlsVersion::kTls13, std::nullopt, true},
      {newest, TlsVersion::kTls12, TlsVersion::kTls12, true},
      {tls11, TlsVersion::kTls12, std::nullopt, false},
      {tls11, TlsVersion::kTls13, std::nullopt, false},
      {tls11, TlsVersion::kTls11, std::nullopt, true},
      {tls11, TlsVersion::kTls10, TlsVersion::kTls11, true},
      {tls11, TlsVersion::kTls10, TlsVersion::kTls10, true},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    HttpClientOptions options;
    options.tls.ca = authority.certificate();
    options.tls.min_version = cases[i].min;
    options.tls.max_version = cases[i].max;
    const auto got = HttpClient().SendAndWait(Get(cases[i].front.Url("/")), options);
    EXPECT_EQ(got.ok(), cases[i].ok) << i << ": " << got.status();
  }
}

TEST(HttpClientTest, OAuth2) {
  const CertificateAuthority authority;
  LoopbackHttpServer server(Echo);
  LoopbackHttpServer endpoint([](const LoopbackRequest& request) {
    if (request.target == "/refuse") return LoopbackReply{401, "who?", {}};
    if (request.target == "/hang") return LoopbackReply{200, "", {}, Manner::kNoReply};
    return LoopbackReply{200, R"({"access_token":"t1","expires_in":3600})", {}};
  });
  TlsFront front(endpoint.port(), {.certificate = authority.Issue("s", {"IP:127.0.0.1"})});
  HttpClientOptions options;
  options.oauth2 = {.client_id = "id", .client_secret = "secret", .token_url = front.Url("/token")};
  options.oauth2->tls.ca = authority.certificate();
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const auto got = client.SendAndWait(Get(server.Url("/m")), options);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_EQ(server.requests().back().headers["authorization"], "Bearer t1");
  }
  ASSERT_EQ(endpoint.requests().size(), 1u);
  EXPECT_EQ(endpoint.requests()[0].headers["authorization"], "Basic aWQ6c2VjcmV0");

  options.oauth2->token_url = endpoint.Url("/refuse");
  EXPECT_EQ(Message(client.SendAndWait(Get(server.Url("/m")), options)),
            StrCat("Get \"", server.Url("/m"),
                   "\": oauth2: cannot fetch token: 401 Unauthorized\nResponse: who?"));
  const std::string nowhere = UnusedLoopbackAddress();
  options.oauth2->token_url = StrCat("http://", nowhere, "/token");
  EXPECT_EQ(Message(client.SendAndWait(Get(server.Url("/m")), options)),
            StrCat("Get \"", server.Url("/m"), "\": Post \"http://", nowhere, "/token\": dial tcp ",
                   nowhere, ": connect: connection refused"));
  options.oauth2->token_url = endpoint.Url("/hang");
  const auto late = client.SendAndWait(Get(server.Url("/m"), kSoon), options);
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(Message(late), HasSubstr("context deadline exceeded"));
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(HttpClientTest, Redirects) {
  LoopbackHttpServer other(Echo);
  LoopbackHttpServer server([&](const LoopbackRequest& request) {
    if (request.target == "/loop") return LoopbackReply{302, "", {{"Location", "/loop"}}};
    if (request.target == "/away") return LoopbackReply{302, "", {{"Location", other.Url("/x")}}};
    return Echo(request);
  });
  HttpClient client;
  HttpClientOptions options;
  options.authorization_credentials = "token";
  const auto followed = client.SendAndWait(Get(server.Url("/away")), options);
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_EQ(followed->body, "GET /x ");
  EXPECT_EQ(server.requests().back().headers["authorization"], "Bearer token");
  EXPECT_FALSE(other.requests().back().headers.contains("authorization"))
      << "credentials stay with the host they are for";

  const auto endless = client.SendAndWait(Get(server.Url("/loop")), options);
  EXPECT_EQ(Message(endless),
            StrCat("Get \"", server.Url("/loop"), "\": stopped after 10 redirects"));

  options.follow_redirects = false;
  EXPECT_EQ(client.SendAndWait(Get(server.Url("/away")), options)->status, 302);
}

TEST(HttpClientTest, UndoesCompression) {
  const std::string page = "metric 1\n";
  std::string gzip, zlib;
  GzipCompress(page, &gzip);
  ZlibCompress(page, &zlib);
  struct Case {
    std::string encoding, body, want;  // or an error
  };
  const Case cases[] = {{"gzip", gzip, page},
                        {"X-GZIP", gzip + gzip, page + page},
                        {"deflate", zlib, page},
                        {"gzip", "", ""},
                        {"identity", page, page},
                        {"br", page, page},
                        {"gzip", gzip.substr(0, gzip.size() - 1), "gzip: unexpected end of input"},
                        {"gzip", page, "gzip: corrupt input"},
                        {"deflate", zlib.substr(1), "deflate: corrupt input"}};
  HttpClient client;
  for (const Case& c : cases) {
    LoopbackHttpServer server([&](const LoopbackRequest&) {
      return LoopbackReply{200, c.body, {{"Content-Encoding", c.encoding}}};
    });
    HttpRequest request = Get(server.Url("/"));
    request.accept_gzip = true;
    const auto got = client.SendAndWait(request, {});
    EXPECT_EQ(got.ok() ? got->body : Message(got), c.want) << c.encoding;
    EXPECT_TRUE(got.ok() || absl::IsUnavailable(got.status()));
    request.keep_gzip = true;
    EXPECT_EQ(client.SendAndWait(request, {})->body, c.body);
  }
}

TEST(HttpClientTest, TheBodyIsBounded) {
  std::string bomb, empty, page;
  GzipCompress(std::string(64 << 20, '\0'), &bomb);
  GzipCompress("", &empty);
  GzipCompress("0123456789", &page);  // which is longer than that
  LoopbackHttpServer server([&](const LoopbackRequest& request) {
    if (request.target == "/short") {
      return LoopbackReply{200, page, {{"Content-Encoding", "gzip"}}};
    }
    if (request.target == "/nothing") {
      return LoopbackReply{200, empty, {{"Content-Encoding", "gzip"}}, Manner::kEndless};
    }
    if (request.target == "/bomb") {
      return LoopbackReply{200, bomb, {{"Content-Encoding", "gzip"}}};
    }
    if (request.target == "/endless") {
      return LoopbackReply{200, std::string(1000, 'x'), {}, Manner::kEndless};
    }
    return LoopbackReply{.status = 200, .body = std::string(1000, 'x')};
  });
  HttpClient client;
  struct Case {
    const char* path;
    size_t max_body_bytes;
    bool ok;
  };
  constexpr Case kCases[] = {{"/plain", 1000, true},       {"/plain", 999, false},
                             {"/plain", 0, true},          {"/endless", 1 << 20, false},
                             {"/short", 10, true},         {"/short", 9, false},
                             {"/nothing", 1 << 10, false}, {"/bomb", 1 << 20, false}};
  for (const Case& c : kCases) {
    HttpRequest request = Get(server.Url(c.path));
    request.accept_gzip = true;
    request.max_body_bytes = c.max_body_bytes;
    const auto got = client.SendAndWait(request, {});
    EXPECT_EQ(got.ok(), c.ok) << c.path << " " << c.max_body_bytes << got.status();
    if (c.ok) continue;
    EXPECT_EQ(got.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(Message(got), "body size limit exceeded");
  }
}

TEST(HttpClientTest, Timeouts) {
  for (const Manner manner : {Manner::kNoReply, Manner::kHalfThenHang, Manner::kEndless}) {
    LoopbackHttpServer server([manner](const LoopbackRequest&) {
      return LoopbackReply{200, "abcd", {}, manner};
    });
    const auto got = HttpClient().SendAndWait(Get(server.Url("/m"), kSoon), {});
    EXPECT_EQ(got.status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(Message(got), StrCat("Get \"", server.Url("/m"), "\": context deadline exceeded"));
  }
}

TEST(HttpClientTest, BrokenConnections) {
  struct Case {
    Manner manner;
    const char* reason;
  };
  constexpr Case kCases[] = {{Manner::kClose, "EOF"}, {Manner::kHalfThenClose, "unexpected EOF"}};
  for (const Case& c : kCases) {
    LoopbackHttpServer server([&c](const LoopbackRequest&) {
      return LoopbackReply{200, "abcd", {}, c.manner};
    });
    const auto got = HttpClient().SendAndWait(Get(server.Url("/m")), {});
    EXPECT_EQ(got.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(Message(got), StrCat("Get \"", server.Url("/m"), "\": ", c.reason));
  }
}

TEST(HttpClientTest, ErrorsNameHostAndReason) {
  HttpClient client;
  const std::string address = UnusedLoopbackAddress();
  const auto refused = client.SendAndWait(Get(StrCat("http://", address, "/metrics")), {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Message(refused), StrCat("Get \"http://", address, "/metrics\": dial tcp ", address,
                                     ": connect: connection refused"));

  HttpRequest post = Get(StrCat("http://user:pass@", address, "/"));
  post.method = "POST";
  EXPECT_THAT(Message(client.SendAndWait(post, {})),
              StartsWith(StrCat("Post \"http://user:xxxxx@", address, "/\": dial tcp ")));

  HttpClientOptions proxied;
  proxied.proxy.url = StrCat("http://", address);
  EXPECT_THAT(
      Message(client.SendAndWait(Get("http://target.invalid/"), proxied)),
      HasSubstr(StrCat("proxyconnect tcp: dial tcp ", address, ": connect: connection re")));

  const auto unknown = client.SendAndWait(Get("http://nowhere.invalid/"), {});
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(unknown), HasSubstr("dial tcp: lookup nowhere.invalid: no such host"));
}

TEST(HttpClientTest, WhatCannotBeSentIsRefused) {
  HttpClient client;
  for (const char* url : {"", "nonsense", "ftp://a/", "http://", "http://a b/", "file:///etc"}) {
    EXPECT_EQ(client.SendAndWait(Get(url), {}).status().code(), absl::StatusCode::kInvalidArgument)
        << url;
  }
  LoopbackHttpServer server(Echo);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"X", "a\r\nEvil: 1"}, {"X\n", "a"}, {"", "a"}, {"X:", "a"}}) {
    HttpRequest request = Get(server.Url("/"));
    request.headers = {{name, value}};
    EXPECT_EQ(client.SendAndWait(request, {}).status().code(), absl::StatusCode::kInvalidArgument);
  }
  HttpClientOptions options;
  options.tls.ca_file = "/nonexistent/ca.pem";
  const auto got = client.SendAndWait(Get(StrCat("https://", server.address(), "/")), options);
  EXPECT_EQ(Message(got), StrCat("Get \"https://", server.address(),
                                 "/\": unable to read CA cert: unable to read file "
                                 "/nonexistent/ca.pem: open /nonexistent/ca.pem: no such file or "
                                 "directory"));
  options.tls = {.ca = "nonsense"};
  EXPECT_EQ(Message(client.SendAndWait(Get(StrCat("https://", server.address(), "/")), options)),
            StrCat("Get \"https://", server.address(), "/\": unable to use specified CA cert"));
  EXPECT_EQ(server.requests().size(), 0u);
}

TEST(HttpClientTest, KeepsConnections) {
  LoopbackHttpServer server([](const LoopbackRequest& request) {
    LoopbackReply reply = Echo(request);
    if (request.target == "/close") reply.manner = Manner::kWholeThenClose;
    return reply;
  });
  HttpClient client;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client.SendAndWait(Get(server.Url("/")), {}).ok());
  EXPECT_EQ(server.num_connections(), 1u);
  // A kept connection that the server has closed meanwhile costs a new one, not an error.
  ASSERT_TRUE(client.SendAndWait(Get(server.Url("/close")), {}).ok());
  ASSERT_TRUE(client.SendAndWait(Get(server.Url("/")), {}).ok());
  EXPECT_EQ(server.num_connections(), 2u);
}

TEST(HttpClientTest, HundredsAtATime) {
  constexpr int kRequests = 300;
  absl::Notification all_arrived;
  LoopbackHttpServer server([&](const LoopbackRequest& request) {
    all_arrived.WaitForNotification();
    return Echo(request);
  });
  HttpClient client;
  absl::BlockingCounter answered(kRequests);
  std::atomic<int> ok{0};
  for (int i = 0; i < kRequests; ++i) {
    client.Send(Get(server.Url(StrCat("/", i))), {}, [&, i](absl::StatusOr<HttpResponse> got) {
      if (got.ok() && got->body == StrCat("GET /", i, " ")) ++ok;
      answered.DecrementCount();
    });
  }
  server.WaitForRequests(kRequests);
  all_arrived.Notify();
  answered.Wait();
  EXPECT_EQ(ok, kRequests);
}

TEST(HttpClientTest, DestructionCancelsWhatIsUnderWay) {
  LoopbackHttpServer server([](const LoopbackRequest&) {
    return LoopbackReply{200, "", {}, Manner::kNoReply};
  });
  std::vector<absl::Status> outcomes;  // written by the client's thread, read when it has ended
  bool late_called = false;
  {
    HttpClient client;
    for (int i = 0; i < 5; ++i) {
      client.Send(Get(server.Url("/")), {}, [&, i](absl::StatusOr<HttpResponse> got) {
        outcomes.push_back(got.status());
        if (i > 0) return;
        client.Send(Get(server.Url("/late")), {},
                    [&](const absl::StatusOr<HttpResponse>&) { late_called = true; });
      });
    }
    server.WaitForRequests(3);
  }
  ASSERT_EQ(outcomes.size(), 5u);
  for (const absl::Status& status : outcomes) {
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  }
  EXPECT_TRUE(late_called);
}

TEST(HttpClientTest, ACallbackMaySendAgain) {
  LoopbackHttpServer server(Echo);
  HttpClient client;
  absl::Notification done;
  std::string bodies;
  std::function<void(int)> send = [&](int left) {
    client.Send(Get(server.Url(StrCat("/", left))), {}, [&, left](const auto& got) {
      bodies += got.value().body;
      left == 0 ? done.Notify() : send(left - 1);
    });
  };
  send(2);
  done.WaitForNotification();
  EXPECT_EQ(bodies, "GET /2 GET /1 GET /0 ");
}

}  // namespace
}  // namespace tidemark
