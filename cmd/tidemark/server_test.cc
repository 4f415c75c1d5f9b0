#include "cmd/tidemark/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/io/file.h"
#include "base/net/url.h"
#include "base/strings.h"
#include "tests/testing/loopback_http_server.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::tidemark::testing::LoopbackHttpServer;
using ::tidemark::testing::LoopbackReply;
using ::tidemark::testing::LoopbackRequest;

class ServerTest : public ::testing::Test {
 protected:
  ServerTest()
      : exporter_([](const LoopbackRequest&) {
          return LoopbackReply{200, "answer 42\n", {{"Content-Type", "text/plain; version=0.0.4"}}};
        }) {}

  // A configuration that scrapes exporter_ ten times a second, with a rule beside it.
  std::string ScrapingConfig() const {
    std::ofstream(StrCat(directory_.path(), "/rules.yml"))
        << "groups: [{name: g, rules: [{record: twice, expr: answer * 2}]}]\n";
    return StrCat(
        "rule_files: [rules.yml]\n"
        "scrape_configs:\n"
        "- job_name: exporter\n"
        "  scrape_interval: 100ms\n"
        "  static_configs: [{targets: ['",
        exporter_.address(), "']}]\n");
  }

  void WriteConfig(std::string_view text) const { std::ofstream(ConfigPath()) << text; }
  std::string ConfigPath() const { return StrCat(directory_.path(), "/tidemark.yml"); }

  std::unique_ptr<Server> StartServer() {
    Flags flags;
    flags.config_file = ConfigPath();
    flags.storage_path = StrCat(directory_.path(), "/data");
    flags.listen_addresses = {"127.0.0.1:0"};
    flags.enable_lifecycle = true;
    auto configuration = config::LoadConfiguration(flags.config_file, {});
    EXPECT_TRUE(configuration.ok()) << configuration.status();
    auto server = std::make_unique<Server>(flags, *std::move(configuration), Clock::Real());
    const absl::Status status = server->Start();
    EXPECT_TRUE(status.ok()) << status;
    return server;
  }

  HttpResponse Ask(const Server& server, std::string_view path, std::string_view method = "GET") {
    HttpRequest request;
    request.method = method;
    request.url = StrCat("http://127.0.0.1:", server.port(), path);
    const auto response = client_.SendAndWait(request, {});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : HttpResponse();
  }
  std::string Query(const Server& server, std::string_view query) {
    return Ask(server, StrCat("/api/v1/query?query=", QueryEscape(query))).body;
  }
  // A scrape begins after the one before it was stored.
  void WaitForScrape() const { exporter_.WaitForRequests(exporter_.requests().size() + 2); }

  const testing::TempDirectory directory_;
  LoopbackHttpServer exporter_;
  HttpClient client_;
};

TEST_F(ServerTest, ScrapesStoresAndAnswers) {
  WriteConfig(ScrapingConfig());
  auto server = StartServer();
  EXPECT_EQ(Ask(*server, "/-/ready").status, 200);
  WaitForScrape();
  EXPECT_THAT(Query(*server, "answer"), HasSubstr("\"42\""));
  EXPECT_THAT(Query(*server, "up{job='exporter'}"), HasSubstr("\"1\""));
  EXPECT_THAT(Ask(*server, "/api/v1/rules").body, HasSubstr("twice"));
  EXPECT_THAT(Ask(*server, "/metrics").body,
              HasSubstr("prometheus_config_last_reload_successful 1\n"));

  // What was stored is there after a restart.
  server.reset();
  WriteConfig("");
  server = StartServer();
  EXPECT_THAT(Query(*server, "count_over_time(answer[1h])"), HasSubstr("exporter"));
}

TEST_F(ServerTest, ReloadsAllOrNothing) {
  WriteConfig("");
  const auto server = StartServer();
  EXPECT_THAT(Ask(*server, "/api/v1/targets").body, Not(HasSubstr("exporter")));

  WriteConfig("nonsense: 1");
  const HttpResponse refused = Ask(*server, "/-/reload", "POST");
  EXPECT_EQ(refused.status, 500);
  EXPECT_THAT(refused.body, HasSubstr(StrCat(ConfigPath(), ":1: field nonsense not found")));
  EXPECT_THAT(Ask(*server, "/metrics").body,
              HasSubstr("prometheus_config_last_reload_successful 0\n"));

  // A configuration is taken with all its rules or not at all.
  WriteConfig(ScrapingConfig());
  std::ofstream(StrCat(directory_.path(), "/rules.yml")) << "groups: [{nonsense: 1}]";
  EXPECT_FALSE(server->Reload().ok());
  EXPECT_THAT(Ask(*server, "/api/v1/targets").body, Not(HasSubstr("exporter")));

  WriteConfig(ScrapingConfig());
  EXPECT_EQ(Ask(*server, "/-/reload", "POST").status, 200);
  EXPECT_THAT(Ask(*server, "/api/v1/targets").body, HasSubstr("exporter"));
  EXPECT_THAT(Ask(*server, "/api/v1/status/config").body, HasSubstr("exporter"));
  EXPECT_THAT(Ask(*server, "/metrics").body,
              HasSubstr("prometheus_config_last_reload_successful 1\n"));
}

TEST_F(ServerTest, QuitsWhenAsked) {
  WriteConfig("");
  const auto server = StartServer();
  EXPECT_EQ(Ask(*server, "/-/quit", "POST").status, 200);
  server->WaitForStopRequest();
  server->Stop();
  server->RequestStop();  // too late, and harmless
  EXPECT_EQ(server->Reload().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, AnAddressThatIsTakenIsAnError) {
  WriteConfig("");
  Flags flags;
  flags.storage_path = StrCat(directory_.path(), "/data");
  flags.listen_addresses = {exporter_.address()};
  Server server(flags, {}, Clock::Real());
  EXPECT_EQ(server.Start().code(), absl::StatusCode::kUnavailable);
}

TEST(ExternalUrlTest, EndsWithoutASlash) {
  EXPECT_EQ(ExternalUrl("http://a/b/", ":9090"), "http://a/b");
  EXPECT_EQ(ExternalUrl("http://a", ":9090"), "http://a");
  EXPECT_THAT(ExternalUrl("", "0.0.0.0:9091"), ::testing::MatchesRegex("http://.+:9091"));
}

TEST_F(ServerTest, TheQueryLogFollowsTheConfiguration) {
  WriteConfig("global: {query_log_file: one.log}\n");
  auto server = StartServer();
  Query(*server, "1");
  WriteConfig("global: {query_log_file: two.log}\n");
  EXPECT_EQ(Ask(*server, "/-/reload", "POST").status, 200);
  Query(*server, "2");
  WriteConfig("global: {query_log_file: none/three.log}\n");
  EXPECT_EQ(Ask(*server, "/-/reload", "POST").status, 200);
  Query(*server, "3");
  WriteConfig("");
  EXPECT_EQ(Ask(*server, "/-/reload", "POST").status, 200);
  Query(*server, "4");
  server->Stop();
  const std::string one = *ReadFile(StrCat(directory_.path(), "/one.log"));
  const std::string two = *ReadFile(StrCat(directory_.path(), "/two.log"));
  EXPECT_THAT(one, HasSubstr("\"query\":\"1\""));
  EXPECT_THAT(two, HasSubstr("\"query\":\"2\""));
  EXPECT_THAT(two, HasSubstr("\"query\":\"3\"")) << "the file stays where there is no other";
  EXPECT_THAT(one + two, Not(HasSubstr("\"query\":\"4\"")));
  EXPECT_EQ(ReadFile(StrCat(directory_.path(), "/data/queries.active"))->size(), 20'001u);
}

}  // namespace
}  // namespace tidemark::server
