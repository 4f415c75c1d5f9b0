#include "base/net/url.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(UrlTest, TakesApart) {
  struct Case {
    std::string_view text, scheme, user_info, host, path, query;
  };
  constexpr Case kCases[] = {
      {"http://a", "http", "", "a", "/", ""},
      {"https://a:443/x/y?q=1&r=a/b?c#top", "https", "", "a:443", "/x/y", "q=1&r=a/b?c"},
      {"HTTP://u:p@a.b:80/", "http", "u:p", "a.b:80", "/", ""},
      {"http://[::1]:9090/m", "http", "", "[::1]:9090", "/m", ""},
      {"http://[::1]", "http", "", "[::1]", "/", ""},
      {"http://a?q", "http", "", "a", "/", "q"},
      {"http://u@x:p@a/", "http", "u@x:p", "a", "/", ""},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Url> url = Url::Parse(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ": " << url.status();
    EXPECT_EQ(url->scheme, c.scheme) << c.text;
    EXPECT_EQ(url->user_info, c.user_info) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->path, c.path) << c.text;
    EXPECT_EQ(url->query, c.query) << c.text;
    EXPECT_EQ(Url::Parse(url->ToString())->ToString(), url->ToString()) << c.text;
  }
}

TEST(UrlTest, Refuses) {
  for (std::string_view text : {"", "a", "a:80", "/x", "://a", "http://", "http:///x", "ftp://a",
                                "http://:80/", "http://a:b/", "http://a:80:90/", "http://[::1",
                                "http://a b/", "http://a\n", "http://u@", "http://a:123456/"}) {
    EXPECT_EQ(Url::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(UrlTest, EscapesQueries) {
  struct Case {
    std::string_view plain, escaped;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"aZ09-_.~", "aZ09-_.~"},
      {"a b", "a+b"},
      {"up{job=\"x\"}", "up%7Bjob%3D%22x%22%7D"},
      {"a+b&c", "a%2Bb%26c"},
      {"ü\n", "%C3%BC%0A"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(QueryEscape(c.plain), c.escaped);
    EXPECT_EQ(QueryUnescape(c.escaped), c.plain);
  }
  EXPECT_EQ(QueryUnescape("%zz%4"), "%zz%4");
  EXPECT_EQ(QueryUnescape("%e2%82%AC"), "€");
  EXPECT_EQ(FormEncode({{"match[]", "a b"}, {"x", "1"}}), "match%5B%5D=a+b&x=1");
  EXPECT_EQ(FormEncode({}), "");
}

}  // namespace
}  // namespace tidemark
