#include "base/json_writer.h"

#include <functional>
#include <limits>

#include "gtest/gtest.h"

#include "base/model/staleness.h"

namespace tidemark {
namespace {

TEST(JsonWriterTest, Values) {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view name;
    std::function<void(JsonWriter&)> write;
    std::string_view want;
  };
  const double kInfinity = std::numeric_limits<double>::infinity();
  const Case kCases[] = {
      {"quotes and backslashes", [](auto& j) { j.String(R"(a"b\c)"); }, R"("a\"b\\c")"},
      {"control characters", [](auto& j) { j.String("a\n\r\t\0\x1f"sv); },
       R"("a\n\r\t\u0000\u001f")"},
      {"UTF-8 goes through", [](auto& j) { j.String("\xc3\xa9 \xf0\x9f\x98\x80"); },
       "\"\xc3\xa9 \xf0\x9f\x98\x80\""},
      {"what is not UTF-8 is replaced byte by byte", [](auto& j) { j.String("a\xff\xe2\x82"); },
       "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"whole seconds have no decimals", [](auto& j) { j.Seconds(1435781451000); }, "1435781451"},
      {"milliseconds have three", [](auto& j) { j.Seconds(1435781451050); }, "1435781451.050"},
      {"before 1970", [](auto& j) { j.Seconds(-1); }, "-0.001"},
      {"the earliest time", [](auto& j) { j.Seconds(kMinTimestamp); }, "-9223372036854775.808"},
      {"sample value", [](auto& j) { j.SampleValue(0.1); }, R"("0.1")"},
      {"NaN", [](auto& j) { j.SampleValue(NormalNan()); }, R"("NaN")"},
      {"infinity", [=](auto& j) { j.SampleValue(-kInfinity); }, R"("-Inf")"},
      {"number", [](auto& j) { j.Number(1.5e-9); }, "1.5e-09"},
      {"JSON has no infinite number", [=](auto& j) { j.Number(kInfinity); }, "null"},
      {"time", [](auto& j) { j.Rfc3339(1435781451050); }, R"("2015-07-01T20:10:51.05Z")"},
      {"never", [](auto& j) { j.Rfc3339(0); }, R"("0001-01-01T00:00:00Z")"},
      {"literals", [](auto& j) { j.BeginArray().Bool(true).Bool(false).Null().Int(-7).EndArray(); },
       "[true,false,null,-7]"},
  };
  for (const Case& c : kCases) {
    std::string out;
    JsonWriter json(&out);
    c.write(json);
    EXPECT_EQ(out, c.want) << c.name;
  }
}

TEST(JsonWriterTest, CommasStandBetweenSiblings) {
  std::string out;
  JsonWriter json(&out);
  json.BeginObject().Key("a").BeginArray().EndArray().Key("b").BeginObject().EndObject();
  json.Key("c").BeginArray().Int(1).BeginArray().Int(2).EndArray().Raw("{}").EndArray().EndObject();
  EXPECT_EQ(out, R"({"a":[],"b":{},"c":[1,[2],{}]})");
}

}  // namespace
}  // namespace tidemark
