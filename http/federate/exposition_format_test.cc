#include "http/federate/exposition_format.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "http/api_v1/name_escaping.h"

namespace tidemark::http {
namespace {

TEST(ExpositionFormatTest, NegotiatesAsPrometheusDoes) {
  constexpr std::string_view kText = "text/plain; version=0.0.4; charset=utf-8; escaping=";
  constexpr std::string_view kProtobuf =
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
      "encoding=delimited; escaping=";
  const std::string delimited =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  struct Case {
    std::string accept;
    std::string_view type, escaping;
  };
  const Case cases[] = {
      {"", kText, "underscores"},
      {"*/*", kText, "underscores"},
      {"text/plain", kText, "underscores"},
      {"text/plain;version=0.0.4;escaping=allow-utf-8", kText, "allow-utf-8"},
      {"text/plain; escaping = dots", kText, "dots"},
      {"text/plain;version=1.0.0;escaping=values", kText, "values"},  // of a type we have not
      {"text/plain;escaping=nonsense", kText, "underscores"},
      {"application/openmetrics-text;version=1.0.0", kText, "underscores"},
      {delimited, kProtobuf, "underscores"},
      {delimited + ";escaping=values", kProtobuf, "values"},
      {"text/plain;q=0.1," + delimited + ";q=0.9", kProtobuf, "underscores"},
      {"text/plain," + delimited, kText, "underscores"},
      {"text/plain;q=x," + delimited + ";q=0.2", kProtobuf, "underscores"},
      {"application/vnd.google.protobuf;proto=other;encoding=delimited", kText, "underscores"},
      {"application/openmetrics-text;escaping=dots;q=0.9,text/plain;escaping=values;q=0.1", kText,
       "values"},
      {";;,=,;q", kText, "underscores"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ExpositionFormat::Negotiate(c.accept).ContentType(),
              std::string(c.type) + std::string(c.escaping))
        << c.accept;
  }
}

TEST(ExpositionFormatTest, EscapesNames) {
  struct Case {
    std::string_view name, underscores, dots, values;
  };
  constexpr Case kCases[] = {
      {"up", "up", "up", "up"},
      {"a_b__c:d", "a_b__c:d", "a_b__c:d", "a_b__c:d"},
      {"my.dots", "my_dots", "my_dot_dots", "U__my_2e_dots"},
      {"my_own.dots", "my_own_dots", "my__own_dot_dots", "U__my__own_2e_dots"},
      {"température.été", "temp_rature__t_", "temp__rature_dot___t__",
       "U__temp_e9_rature_2e__e9_t_e9_"},
      {"1up", "_up", "__up", "U___31_up"},
      {"a😀", "a_", "a__", "U__a_1f600_"},
      {"", "", "", "U__"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(EscapeName(c.name, NameEscaping::kNone), c.name);
    EXPECT_EQ(EscapeName(c.name, NameEscaping::kUnderscores), c.underscores) << c.name;
    EXPECT_EQ(EscapeName(c.name, NameEscaping::kDots), c.dots) << c.name;
    EXPECT_EQ(EscapeName(c.name, NameEscaping::kValues), c.values) << c.name;
    EXPECT_EQ(UnescapeName(EscapeName(c.name, NameEscaping::kValues)), c.name);
  }
}

TEST(ExpositionFormatTest, AnyBytesAreAName) {
  for (int a = 0; a < 256; ++a) {
    for (const std::string_view rest : {"", "x", "\x80", "\xff\x80"}) {
      const std::string name = std::string(1, static_cast<char>(a)) + std::string(rest);
      EXPECT_FALSE(EscapeName(name, NameEscaping::kDots).empty());
      EXPECT_FALSE(EscapeName(name, NameEscaping::kValues).empty());
    }
  }
}

}  // namespace
}  // namespace tidemark::http
