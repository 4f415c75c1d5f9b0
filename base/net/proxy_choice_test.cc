#include "base/net/proxy_choice.h"

#include <gtest/gtest.h>

#include <map>

namespace tidemark {
namespace {

TEST(ProxyChoiceTest, NormalUrls) {
  struct Case {
    std::string_view text, want;  // empty: refused
  };
  constexpr Case kCases[] = {
      {"http://a", "http://a:80"},
      {"https://a/", "https://a:443"},
      {"socks5://a", "socks5://a:1080"},
      {"SOCKS5H://u:p@a:9", "socks5h://u:p@a:9"},
      {"http://u:p@[::1]", "http://u:p@[::1]:80"},
      {"http://[::1]:3128/x?y", "http://[::1]:3128"},
      {"a:3128", ""},
      {"ftp://a", ""},
      {"socks5://", ""},
      {"socks5", ""},
      {"", ""},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(NormalProxyUrl(c.text).value_or(""), c.want) << c.text;
  }
}

TEST(ProxyChoiceTest, NoProxy) {
  struct Case {
    std::string_view no_proxy, url;
    bool proxied;
  };
  constexpr Case kCases[] = {
      {"", "http://a.example/", true},
      {"", "http://localhost:1/", false},
      {"", "http://LOCALHOST/", false},
      {"", "http://127.8.0.1/", false},
      {"", "http://[::1]:1/", false},
      {"", "http://[::ffff:127.0.0.1]/", false},
      {"", "http://128.0.0.1/", true},
      {"*", "http://a/", false},
      {"b, *", "http://a/", false},
      {"a.example", "http://a.example/", false},
      {"a.example", "http://b.a.example/", false},
      {"A.Example", "http://b.a.eXample/", false},
      {"a.example", "http://ba.example/", true},
      {".a.example", "http://a.example/", true},
      {".a.example", "http://b.a.example/", false},
      {"*.a.example", "http://b.a.example/", false},
      {"*.a.example", "http://a.example/", true},
      {"x,a.example:81", "http://a.example:81/", false},
      {"x,a.example:81", "http://a.example/", true},
      {"a:80", "http://a/", false},
      {"a:443", "https://a/", false},
      {"a:443", "http://a/", true},
      {"10.0.0.1", "http://10.0.0.1:9/", false},
      {"10.0.0.1", "http://10.0.0.10/", true},
      {"10.0.0.1:9", "http://10.0.0.1:9/", false},
      {"10.0.0.1:9", "http://10.0.0.1:8/", true},
      {"10.0.0.0/8", "http://10.255.1.2/", false},
      {"10.0.0.0/9", "http://10.128.0.0/", true},
      {"10.128.0.0/9", "http://10.255.0.0/", false},
      {"0.0.0.0/0", "http://8.8.8.8/", false},
      {"0.0.0.0/0", "http://name/", true},
      {"10.0.0.0/33", "http://10.0.0.0/", true},
      {"fd00::/8", "http://[fd12::1]/", false},
      {"fd00::/8", "http://[fe12::1]/", true},
      {"[fd00::1]:80", "http://[fd00::1]/", false},
      {"fd00::1", "http://[fd00::1]:7/", false},
      {":80,,", "http://a/", true},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(IsProxied(*Url::Parse(c.url), c.no_proxy), c.proxied) << c.no_proxy << " " << c.url;
  }
}

TEST(ProxyChoiceTest, TheEnvironment) {
  std::map<std::string, std::string> variables;
  const Environment environment = [&](const char* name) { return variables[name]; };
  const auto proxy = [&](std::string_view url, const ProxyOptions& options) {
    return ProxyFor(options, *Url::Parse(url), environment).value_or("error");
  };
  ProxyOptions from_environment;
  from_environment.from_environment = true;
  EXPECT_EQ(proxy("http://a/", from_environment), "");
  variables = {{"http_proxy", "lower:1"}, {"HTTPS_PROXY", "http://upper"}, {"NO_PROXY", "b"}};
  EXPECT_EQ(proxy("http://a/", from_environment), "http://lower:1");
  EXPECT_EQ(proxy("https://a/", from_environment), "http://upper:80");
  EXPECT_EQ(proxy("https://b/", from_environment), "");
  EXPECT_EQ(proxy("http://a/", {}), "") << "the environment is not asked";
  variables["HTTP_PROXY"] = "ftp://a";
  EXPECT_EQ(proxy("http://a/", from_environment), "error");

  ProxyOptions given;
  given.url = "http://p";
  EXPECT_EQ(proxy("http://localhost/", given), "http://p:80") << "as in Prometheus";
  given.no_proxy = "c";
  EXPECT_EQ(proxy("http://localhost/", given), "");
  EXPECT_EQ(proxy("http://c/", given), "");
  EXPECT_EQ(proxy("http://a/", given), "http://p:80");
}

}  // namespace
}  // namespace tidemark
