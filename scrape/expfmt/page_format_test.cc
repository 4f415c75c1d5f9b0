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
      {"fallback to nothing known", "", "Json",
       "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol "
       "specified for target"},
  };
  for (const Case& c : kCases) {
    const auto parser = NewParser("a 1\n", c.content_type, c.fallback, {});
    EXPECT_EQ(ToStd(parser.status().message()), c.error) << c.name;
    EXPECT_EQ(parser.ok(), c.error.empty()) << c.name;
  }
}

enum class Format { kText, kOpenMetrics, kProtobuf };

// Which parser it is, by what it takes.
Format FormatOf(std::string_view content_type, std::string_view fallback) {
  ExpositionEntry entry;
  const auto reads = [&](std::string_view page) {
    const auto parser = NewParser(page, content_type, fallback, {});
    return parser.ok() && (*parser)->Next(entry);
  };
  if (!reads("a 1\n")) return Format::kProtobuf;
  return reads("a 1") ? Format::kText : Format::kOpenMetrics;
}

TEST(PageFormatTest, FormatOfThePage) {
  constexpr std::string_view kProtobuf =
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
      "encoding=delimited";
  struct Case {
    std::string_view content_type, fallback;
    Format want;
  };
  const Case cases[] = {
      {"text/plain", "", Format::kText},
      {"text/plain; version=1.0.0; escaping=allow-utf-8", "", Format::kText},
      {kProtobuf, "", Format::kProtobuf},
      {"application/openmetrics-text", "", Format::kOpenMetrics},
      {"application/openmetrics-text; version=0.0.1; charset=utf-8", "", Format::kOpenMetrics},
      {"Application/OpenMetrics-Text;version=1.0.0;escaping=underscores", "", Format::kOpenMetrics},
      {"application/openmetrics-text;version=9", "PrometheusProto", Format::kOpenMetrics},
      {"text/plain", "OpenMetricsText0.0.1", Format::kText},
      {"", "PrometheusText0.0.4", Format::kText},
      {"text/html", "PrometheusText1.0.0", Format::kText},
      {"text/html", "PrometheusProto", Format::kProtobuf},
      {"", "OpenMetricsText1.0.0", Format::kOpenMetrics},
      {"???", "OpenMetricsText0.0.1", Format::kOpenMetrics},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(FormatOf(c.content_type, c.fallback), c.want) << c.content_type << " " << c.fallback;
  }
}

TEST(PageFormatTest, AcceptHeader) {
  constexpr std::string_view kProto =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  EXPECT_EQ(AcceptHeader({}),
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            "application/openmetrics-text;version=0.0.1;q=0.5,"
            "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
            "text/plain;version=0.0.4;q=0.3,*/*;q=0.2");
  EXPECT_EQ(AcceptHeader({.native_histograms = true}),
            StrCat(kProto,
                   ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                   "application/openmetrics-text;version=0.0.1;q=0.4,"
                   "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                   "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"));
  EXPECT_EQ(AcceptHeader({.created_zero_samples = true}),
            AcceptHeader({.native_histograms = true}));
  EXPECT_EQ(AcceptHeader({.protocols = {"PrometheusText0.0.4", "OpenMetricsText1.0.0"},
                          .name_escaping = "underscores",
                          .native_histograms = true}),
            "text/plain;version=0.0.4;q=0.6,"
            "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,*/*;q=0.4");
  EXPECT_EQ(AcceptHeader({.protocols = {"PrometheusProto"}, .name_escaping = "values"}),
            StrCat(kProto, ";q=0.6,*/*;q=0.5"));
}

}  // namespace
}  // namespace tidemark::scrape
