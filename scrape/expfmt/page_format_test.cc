#include "scrape/expfmt/page_format.h"

#include <gtest/gtest.h>

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
      {"fallback without a parser", "", "PrometheusProto",
       "received unsupported Content-Type \"\", and there is no parser for "
       "fallback_scrape_protocol \"PrometheusProto\""},
  };
  for (const Case& c : kCases) {
    const auto parser = NewParser("a 1\n", c.content_type, c.fallback);
    EXPECT_EQ(ToStd(parser.status().message()), c.error) << c.name;
    EXPECT_EQ(parser.ok(), c.error.empty()) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::scrape
