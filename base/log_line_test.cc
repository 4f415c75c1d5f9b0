#include "base/log_line.h"

#include <gtest/gtest.h>

namespace tidemark::log {
namespace {

constexpr TimestampMs kTime = 1767323045678;  // 2026-01-02T03:04:05.678Z

TEST(LogLineTest, Lines) {
  struct Case {
    std::string_view name;
    Level level;
    std::string_view message;
    std::vector<Field> fields;
    std::string_view logfmt, json;
  };
  const Case cases[] = {
      {"one word",
       Level::kInfo,
       "ready",
       {},
       "level=INFO msg=ready",
       R"("level":"INFO","msg":"ready")"},
      {"fields keep their order",
       Level::kWarn,
       "two words",
       {{"z", "1"}, {"a", "b c"}},
       R"(level=WARN msg="two words" z=1 a="b c")",
       R"("level":"WARN","msg":"two words","z":"1","a":"b c")"},
      {"quotes and lines",
       Level::kError,
       "a\"b\n",
       {{"k", "x=y"}},
       R"(level=ERROR msg="a\"b\n" k="x=y")",
       R"("level":"ERROR","msg":"a\"b\n","k":"x=y")"},
      {"empty value",
       Level::kDebug,
       "m",
       {{"k", ""}},
       R"(level=DEBUG msg=m k="")",
       R"("level":"DEBUG","msg":"m","k":"")"},
      {"UTF-8 stays",
       Level::kInfo,
       "grün",
       {},
       "level=INFO msg=grün",
       R"("level":"INFO","msg":"grün")"},
      {"other bytes do not",
       Level::kInfo,
       "\xff",
       {},
       R"(level=INFO msg="\xff")",
       "\"level\":\"INFO\",\"msg\":\"\xef\xbf\xbd\""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(LogfmtLine(kTime, c.level, c.message, c.fields),
              "time=2026-01-02T03:04:05.678Z " + std::string(c.logfmt))
        << c.name;
    EXPECT_EQ(JsonLine(kTime, c.level, c.message, c.fields),
              "{\"time\":\"2026-01-02T03:04:05.678Z\"," + std::string(c.json) + "}")
        << c.name;
  }
}

TEST(LogTest, ConfigureRefusesUnknownNames) {
  EXPECT_TRUE(Configure("debug", "json").ok());
  EXPECT_TRUE(Configure("info", "logfmt").ok());
  EXPECT_EQ(Configure("loud", "json").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Configure("info", "xml").code(), absl::StatusCode::kInvalidArgument);
}

TEST(LogTest, WritesToStandardErrorFromTheLevelOn) {
  ASSERT_TRUE(Configure("warn", "logfmt").ok());
  ::testing::internal::CaptureStderr();
  Info("quiet");
  Warn("loud", {{"n", "1"}});
  const std::string written = ::testing::internal::GetCapturedStderr();
  ASSERT_TRUE(Configure("info", "logfmt").ok());
  EXPECT_EQ(written.find("quiet"), std::string::npos);
  EXPECT_NE(written.find(" level=WARN msg=loud n=1\n"), std::string::npos) << written;
}

}  // namespace
}  // namespace tidemark::log
