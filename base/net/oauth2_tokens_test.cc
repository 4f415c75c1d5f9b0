#include "base/net/oauth2_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kJson = "application/json", kForm = "application/x-www-form-urlencoded";

HttpResponse Response(int status, std::string_view type, std::string_view body) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"content-type", std::string(type)}};
  response.body = body;
  return response;
}

TEST(TokenGrantTest, Reads) {
  struct Case {
    std::string_view content_type, body, type, text;
    int64_t lifetime;  // 0: none
  };
  constexpr Case kCases[] = {
      {kJson, R"({"access_token":"t"})", "Bearer", "t", 0},
      {kJson, R"({"access_token":"t","token_type":"bearer","expires_in":60})", "Bearer", "t", 60},
      {"", R"({"access_token":"t","token_type":"Mac","expires_in":"60"})", "MAC", "t", 60},
      {kJson, R"({"access_token":"t","token_type":"X","expires_in":null})", "X", "t", 0},
      {kJson, R"({"access_token":"t","expires_in":1e3})", "Bearer", "t", 1000},
      {kForm, "access_token=a%20b&token_type=bearer&expires_in=5", "Bearer", "a b", 5},
      {"Text/Plain; charset=utf-8", "expires_in=x&access_token=t", "Bearer", "t", 0},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<TokenGrant> grant =
        TokenGrant::Parse(Response(200, c.content_type, c.body));
    ASSERT_TRUE(grant.ok()) << c.body << grant.status();
    EXPECT_EQ(grant->token.type, c.type) << c.body;
    EXPECT_EQ(grant->token.text, c.text) << c.body;
    EXPECT_EQ(grant->lifetime.value_or(std::chrono::seconds(0)).count(), c.lifetime) << c.body;
  }
}

TEST(TokenGrantTest, RefusesInTheWordsOfPrometheus) {
  struct Case {
    int status;
    std::string_view content_type, body, reason;
  };
  constexpr Case kCases[] = {
      {401, "text/html", "go away",
       "oauth2: cannot fetch token: 401 Unauthorized\nResponse: go away"},
      {400, kJson,
       R"({"error":"invalid_client","error_description":"who?","error_uri":"http://e"})",
       R"(oauth2: "invalid_client" "who?" "http://e")"},
      {200, kJson, R"({"error":"invalid_scope"})", R"(oauth2: "invalid_scope")"},
      {200, kForm, "error=denied", R"(oauth2: "denied")"},
      {200, kJson, "{}", "oauth2: server response missing access_token"},
      {200, kJson, "null", "oauth2: server response missing access_token"},
      {200, kJson, "[1]", "oauth2: cannot parse json: "},
      {200, kJson, "<html>", "oauth2: cannot parse json: "},
      {204, "", "", "oauth2: cannot parse json: "},
  };
  for (const Case& c : kCases) {
    const absl::Status status =
        TokenGrant::Parse(Response(c.status, c.content_type, c.body)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << c.body;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.reason)));
  }
}

// What Take does with the answers of a token endpoint that the test is.
class OAuth2TokensTest : public ::testing::Test {
 protected:
  struct Asked {
    HttpRequest request;
    HttpClientOptions options;
    HttpClient::Callback done;
  };

  void Take(std::string_view secret = "s") {
    OAuth2Options source;
    source.client_id = "a b";
    source.client_secret = secret;
    source.token_url = "http://auth/token";
    source.scopes = {"x", "y"};
    source.endpoint_params = {{"audience", "all"}};
    tokens_.Take(source, "Agent", kHour, [this](const absl::StatusOr<AccessToken>& token) {
      taken_.push_back(token.ok() ? token->text : std::string(token.status().message()));
    });
  }
  void Answer(int status, std::string_view body) {
    const Asked asked = std::move(asked_.back());
    asked_.pop_back();
    asked.done(Response(status, kJson, body));
  }

  std::vector<Asked> asked_;  // and not answered
  std::vector<std::string> taken_;
  OAuth2Tokens tokens_{
      [this](HttpRequest request, const HttpClientOptions& options, HttpClient::Callback done) {
        asked_.push_back({std::move(request), options, std::move(done)});
      }};
};

TEST_F(OAuth2TokensTest, OneFetchForAll) {
  for (int i = 0; i < 3; ++i) Take();
  ASSERT_EQ(asked_.size(), 1u);
  const HttpRequest& request = asked_[0].request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://auth/token");
  EXPECT_EQ(request.body, "audience=all&grant_type=client_credentials&scope=x+y");
  EXPECT_EQ(asked_[0].options.username, "a+b");
  EXPECT_EQ(asked_[0].options.password, "s");
  EXPECT_EQ(asked_[0].options.user_agent, "Agent");
  Answer(200, R"({"access_token":"t","expires_in":3600})");
  Take();
  EXPECT_THAT(taken_, ::testing::ElementsAre("t", "t", "t", "t"));
  EXPECT_TRUE(asked_.empty());
  Take("another secret");
  EXPECT_EQ(asked_.size(), 1u) << "what was got with another secret does not count";
}

TEST_F(OAuth2TokensTest, AnExpiredTokenIsReplaced) {
  Take();
  Answer(200, R"({"access_token":"1","expires_in":9})");  // as good as expired
  Take();
  Answer(200, R"({"access_token":"2"})");
  Take();
  EXPECT_THAT(taken_, ::testing::ElementsAre("1", "2", "2"));
}

TEST_F(OAuth2TokensTest, TheSecretMayHaveToBeInTheBody) {
  Take();
  Answer(401, "{}");
  ASSERT_EQ(asked_.size(), 1u);
  EXPECT_EQ(asked_[0].options.username, "");
  EXPECT_EQ(asked_[0].request.body,
            "audience=all&client_id=a+b&client_secret=s&grant_type=client_credentials&scope=x+y");
  Answer(200, R"({"access_token":"t","expires_in":1})");
  Take();
  EXPECT_THAT(asked_.at(0).request.body, HasSubstr("client_secret=s")) << "that is known now";
  Answer(500, "{}");
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(taken_.size(), 2u);
}

TEST_F(OAuth2TokensTest, AFailureIsThatOfAllWhoWait) {
  Take();
  Take();
  Answer(401, "no");
  Answer(401, "no");
  const std::string reason = "oauth2: cannot fetch token: 401 Unauthorized\nResponse: no";
  EXPECT_THAT(taken_, ::testing::ElementsAre(reason, reason));
  Take();
  ASSERT_EQ(asked_.size(), 1u) << "it is tried again";
  asked_[0].done(absl::UnavailableError("Post \"http://auth/token\": EOF"));
  EXPECT_EQ(taken_.back(), "Post \"http://auth/token\": EOF");
  EXPECT_EQ(asked_.size(), 1u) << "where there is no answer the secret is not elsewhere";
}

}  // namespace
}  // namespace tidemark
