#include "scrape/expfmt/page_format.h"

#include <gtest/gtest.h>

#include <tuple>

#include "base/strings.h"

namespace tidemark::scrape {
namespace {

TEST(PageFormatTest, ContentTypeOrFallbackChoosesTheParser) {
  struct Case {
    std::string_view name, content_type, fallback, error;
  };
  constexpr Case kCases[] = {
      {"plain", "text/plain", "", ""},
      {"0.0.4", "text/plain; version=0.0.4; charset=utf-8", "", ""},
      {"any case, blanks, last semicolon", " Text/Plain ; version=1.0.0;", "", ""},
      {"blank", "", "",
       "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol "
       "specified for target"},
      {"blank with fallback", "", "PrometheusText0.0.4", ""},
      {"other type", "text/html; charset=utf-8", "",
       "received unsupported Content-Type \"text/html; charset=utf-8\" and no "
       "fallback_scrape_protocol specified for target"},
      {"other type with fallback", "text/html", "PrometheusText1.0.0", ""},
      {"no type at all", "???", "",
       "cannot parse Content-Type \"???\" and no fallback_scrape_protocol for target"},
      {"parameter without value", "text/plain; version", "",
       "cannot parse Content-Type \"text/plain; version\" and no fallback_scrape_protocol for "
       "target"},
      {"fallback without a parser", "", "OpenMetricsText1.0.0",
       "received unsupported Content-Type \"\", and there is no parser for "
       "fallback_scrape_protocol \"OpenMetricsText1.0.0\""},
  };
  for (const Case& c : kCases) {
    const auto parser = NewParser("a 1\n", c.content_type, c.fallback, {});
    EXPECT_EQ(ToStd(parser.status().message()), c.error) << c.name;
    EXPECT_EQ(parser.ok(), c.error.empty()) << c.name;
  }
}

TEST(PageFormatTest, ProtobufPages) {
  constexpr std::string_view kType =
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
      "encoding=delimited";
  constexpr std::string_view kPage = "a 1\n";
  ExpositionEntry entry;
  for (const auto& [type, fallback, text] :
       {std::tuple(kType, "", false),
        std::tuple(std::string_view("text/html"), "PrometheusProto", false),
        std::tuple(std::string_view("text/plain"), "PrometheusProto", true)}) {
    const auto parser = NewParser(kPage, type, fallback, {});
    ASSERT_TRUE(parser.ok()) << type;
    EXPECT_EQ((*parser)->Next(entry), text) << type;
  }
}

TEST(PageFormatTest, AcceptHeader) {
  constexpr std::string_view kProto =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  constexpr std::string_view kText1 = "text/plain;version=1.0.0;escaping=allow-utf-8";
  constexpr std::string_view kText0 = "text/plain;version=0.0.4";
  const std::string text_only = StrCat(kText1, ";q=0.6,", kText0, ";q=0.5,*/*;q=0.4");
  EXPECT_EQ(AcceptHeader({}), text_only);
  EXPECT_EQ(AcceptHeader({.protocols = {"OpenMetricsText1.0.0"}}), text_only);
  EXPECT_EQ(AcceptHeader({.native_histograms = true}),
            StrCat(kProto, ";q=0.6,", kText1, ";q=0.5,", kText0, ";q=0.4,*/*;q=0.3"));
  EXPECT_EQ(
      AcceptHeader({.protocols = {"PrometheusText0.0.4", "OpenMetricsText1.0.0", "PrometheusProto"},
                    .native_histograms = true}),
      StrCat(kText0, ";q=0.6,", kProto, ";q=0.5,*/*;q=0.4"));
}

}  // namespace
}  // namespace tidemark::scrape
