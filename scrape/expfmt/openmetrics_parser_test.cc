#include "scrape/expfmt/openmetrics_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/model/float_format.h"
#include "base/strings.h"
#include "scrape/expfmt/label_block.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

// Everything that a page says, one line an entry, and its error last:
// "name|label=value|... value @timestamp # {exemplar} value @timestamp", "HELP family text".
std::vector<std::string> Read(std::string_view page) {
  OpenMetricsParser parser(page);
  std::vector<std::string> out;
  ExpositionEntry entry;
  ExpositionLabels labels;
  while (parser.Next(entry)) {
    if (entry.kind != ExpositionEntry::Kind::kSample) {
      const std::string_view keyword = entry.kind == ExpositionEntry::Kind::kHelp   ? "HELP "
                                       : entry.kind == ExpositionEntry::Kind::kUnit ? "UNIT "
                                                                                    : "TYPE ";
      out.push_back(StrCat(keyword, entry.family, " ", Unescape(entry.text, entry.escaped)));
      continue;
    }
    if (const absl::Status status = parser.Labels(labels); !status.ok()) {
      out.emplace_back(ToStd(status.message()));
      return out;
    }
    std::string line = labels.front().second;
    for (size_t i = 1; i < labels.size(); ++i) {
      StrAppend(&line, "|", labels[i].first, "=", labels[i].second);
    }
    StrAppend(&line, " ", FormatFloat(entry.value));
    if (entry.timestamp) StrAppend(&line, " @", *entry.timestamp);
    for (const ExpositionExemplar& exemplar : entry.exemplars) {
      StrAppend(&line, " # ", exemplar.labels, " ", FormatFloat(exemplar.value));
      if (exemplar.timestamp) StrAppend(&line, " @", *exemplar.timestamp);
    }
    out.push_back(std::move(line));
  }
  if (!parser.status().ok()) out.emplace_back(ToStd(parser.status().message()));
  return out;
}

TEST(OpenMetricsParserTest, ReadsAPage) {
  EXPECT_THAT(
      Read("# HELP http_requests Requests \\\\ \\n.\n"
           "# TYPE http_requests counter\n"
           "http_requests_total{code=\"200\"} 1027 1395066363.001\n"
           "http_requests_total{code=\"400\"} 3 # {trace_id=\"x}\"} 0.5 1.5\n"
           "http_requests_created{code=\"400\"} 1520430000.123\n"
           "# TYPE rpc_seconds histogram\n"
           "# UNIT rpc_seconds seconds\n"
           "rpc_seconds_bucket{le=\"1\"} +Inf -1.5 # {} 0.5\n"
           "{\"a name\",b=\"\\\"\"} NaN 1e3\n"
           "# EOF\n"),
      ElementsAre("HELP http_requests Requests \\ \n.", "TYPE http_requests counter",
                  "http_requests_total|code=200 1027 @1395066363001",
                  "http_requests_total|code=400 3 # {trace_id=\"x}\"} 0.5 @1500",
                  "http_requests_created|code=400 1520430000.123", "TYPE rpc_seconds histogram",
                  "UNIT rpc_seconds seconds", "rpc_seconds_bucket|le=1.0 +Inf @-1500 # {} 0.5",
                  "a name|b=\" NaN @1000000"));
  EXPECT_THAT(Read("# EOF"), ElementsAre());
}

TEST(OpenMetricsParserTest, Accepts) {
  struct Case {
    std::string_view name, line, want;
  };
  constexpr Case kCases[] = {
      {"empty braces", "a{} 1", "a 1"},
      {"comma behind the last label", "a{b=\"c\",} 1", "a|b=c 1"},
      {"escapes", R"(a{b="\\\"\n\t"} 1)", "a|b=\\\"\n\\t 1"},
      {"quoted names", "{\"a.b\",\"c d\"=\"e\"} 1", "a.b|c d=e 1"},
      {"escapes in quoted names", R"({"a\"b","c\\d"="e"} 1)", "a\"b|c\\d=e 1"},
      {"quoted name of a label behind a bare name", "a{\"c.d\"=\"e\"} 1", "a|c.d=e 1"},
      {"quoted metric name last", "{b=\"c\",\"a.b\"} 1", "a.b|b=c 1"},
      {"UTF-8", "{\"grün\",größe=\"ß\"} 1", "line 1: expected equal"},
      {"UTF-8 in quotes", "{\"grün\",\"größe\"=\"ß\"} 1", "grün|größe=ß 1"},
      {"infinity", "a -Inf", "a -Inf"},
      {"timestamp of a day in 1969", "a 1 -1.5", "a 1 @-1500"},
      {"timestamp with an exponent", "a 1 1.5e3", "a 1 @1500000"},
      {"timestamp past 64 bits", "a 1 12345678901234567890.1", "a 1 @9223372036854775807"},
      {"exemplar of a gauge", "a 1 # {} 2", "a 1 # {} 2"},
      {"exemplar with a timestamp", "a 1 2 # {b=\"c\",\"d e\"=\"#\"} 3 4",
       "a 1 @2000 # {b=\"c\",\"d e\"=\"#\"} 3 @4000"},
      {"exemplar with a label twice", "a 1 # {b=\"c\",b=\"d\"} 2", "a 1 # {b=\"c\",b=\"d\"} 2"},
      {"help without text", "# HELP a ", "HELP a "},
      {"help with quotes", "# HELP a x\\\"y", "HELP a x\"y"},
      {"help of a quoted name", "# HELP \"a b\" c", "HELP a b c"},
      {"unit that is empty", "# UNIT a ", "UNIT a "},
      {"unit of a quoted name", "# UNIT \"a b_s\" s", "UNIT a b_s s"},
      {"info", "# TYPE a info", "TYPE a info"},
  };
  for (const Case& c : kCases) {
    const std::vector<std::string> read = Read(StrCat(c.line, "\n# EOF\n"));
    ASSERT_FALSE(read.empty()) << c.name;
    EXPECT_THAT(read.front(), StartsWith(std::string(c.want))) << c.name;
    EXPECT_EQ(read.size(), 1u) << c.name;
  }
}

TEST(OpenMetricsParserTest, NulBytesInTextAndValues) {
  const std::string_view page("# HELP a b\0c\na{b=\"\0\"} 1\n# EOF\n", 30);
  EXPECT_EQ(Read(page).size(), 2u);
}

TEST(OpenMetricsParserTest, BoundsAreNormalizedByType) {
  EXPECT_THAT(
      Read("a{le=\"1\"} 1\n"
           "# TYPE h histogram\nh_bucket{le=\"1e0\"} 1\n"
           "# TYPE g gaugehistogram\ng_bucket{le=\"1\"} 1\n"
           "# TYPE s summary\ns{quantile=\"0.50\"} 1\n"
           "# EOF\n"),
      ElementsAre("a|le=1 1", "TYPE h histogram", "h_bucket|le=1.0 1", "TYPE g gaugehistogram",
                  "g_bucket|le=1 1", "TYPE s summary", "s|quantile=0.5 1"));
}

// "name|label=value|... @created" of each series.
std::vector<std::string> Created(std::string_view page) {
  OpenMetricsParser parser(page, OpenMetricsParser::Created::kTimes);
  std::vector<std::string> out;
  ExpositionEntry entry;
  while (parser.Next(entry)) {
    if (entry.kind != ExpositionEntry::Kind::kSample) continue;
    out.emplace_back(entry.series);
    if (entry.created) StrAppend(&out.back(), " @", *entry.created);
  }
  EXPECT_TRUE(parser.status().ok()) << parser.status();
  return out;
}

TEST(OpenMetricsParserTest, CreatedTimes) {
  EXPECT_THAT(Created("# HELP a x\n# TYPE a counter\n"
                      "a_total{b=\"c\"} 1\n"
                      "a_created{b=\"c\"} 1.5\n"
                      "a_total{b=\"d\"} 1 # {} 2\n"
                      "a_total 1\n"
                      "other_total{b=\"c\"} 1\n"
                      "a_created 2 9 # {} 1\n"
                      "# TYPE g gauge\n"
                      "g_created 3\n"
                      "# EOF\n"),
              ElementsAre("a_total{b=\"c\"} @1500", "a_total{b=\"d\"}", "a_total @2000",
                          "other_total{b=\"c\"}", "g_created"));
  EXPECT_THAT(Created("# TYPE h histogram\n"
                      "h_bucket{a=\"x\",le=\"1\"} 1\n"
                      "h_bucket{le=\"+Inf\",a=\"x\"} 1\n"
                      "h_count{a=\"x\"} 1\n"
                      "h_sum{a=\"y\"} 1\n"
                      "h_created{a=\"x\"} 5\n"
                      "# TYPE s summary\n"
                      "s{quantile=\"0.5\"} 1\n"
                      "s_created 6\n"
                      "s_sum 1\n"
                      "# TYPE \"u.v\" counter\n"
                      "{\"u.v_total\",\"a b\"=\"}\"} 1\n"
                      "{\"u.v_created\",\"a b\"=\"}\"} 7\n"
                      "# EOF\n"),
              ElementsAre("h_bucket{a=\"x\",le=\"1\"} @5000", "h_bucket{le=\"+Inf\",a=\"x\"} @5000",
                          "h_count{a=\"x\"} @5000", "h_sum{a=\"y\"}", "s{quantile=\"0.5\"} @6000",
                          "s_sum @6000", "{\"u.v_total\",\"a b\"=\"}\"} @7000"));
}

TEST(OpenMetricsParserTest, Refuses) {
  struct Case {
    std::string_view page, want;
  };
  constexpr Case kCases[] = {
      {"", "line 1: data does not end with # EOF"},
      {"a 1\n", "line 2: data does not end with # EOF"},
      {"a 1", "line 1: data does not end with # EOF"},
      {"a 1 # {} 1", "line 1: data does not end with # EOF"},
      {"# TYPE a gauge", "line 1: data does not end with # EOF"},
      {"a 1\n# EOF\n\n", "line 3: unexpected data after # EOF"},
      {"# EOFa 1\n", "line 1: unexpected data after # EOF"},
      {"a 1\n\n# EOF\n", "line 2: expected a valid start token"},
      {" a 1\n# EOF\n", "line 1: expected a valid start token"},
      {"1a 1\n# EOF\n", "line 1: expected a valid start token"},
      {"#TYPE a gauge\n# EOF\n", "line 1: expected a valid start token"},
      {"a 1\n# comment\n# EOF\n", "line 2: expected a valid start token"},
      {"a\n# EOF\n", "line 1: expected value after metric"},
      {"a \n# EOF\n", "line 1: expected value after metric"},
      {"a  1\n# EOF\n", "line 1: expected value after metric"},
      {"a\t1\n# EOF\n", "line 1: expected value after metric"},
      {"a{b=\"c\"}1\n# EOF\n", "line 1: expected value after metric"},
      {"a 1 \n# EOF\n", "line 1: expected timestamp"},
      {"a 1\t2\n# EOF\n", "line 1: expected timestamp, exemplar or new record"},
      {"a 1 2 3\n# EOF\n", "line 1: expected timestamp, exemplar or new record"},
      {"a 1\r\n# EOF\n", "line 1: invalid float"},
      {"a x\n# EOF\n", "line 1: invalid float"},
      {"a 0x1p3\n# EOF\n", "line 1: unsupported character in float"},
      {"a 1_0\n# EOF\n", "line 1: unsupported character in float"},
      {"a 1 NaN\n# EOF\n", "line 1: invalid timestamp"},
      {"a 1 -Inf\n# EOF\n", "line 1: invalid timestamp"},
      {"a 1 #\n# EOF\n", "line 1: invalid float"},
      {"a 1# {} 1\n# EOF\n", "line 1: invalid float"},
      {"a 1 # {b=\"c\"}\n# EOF\n", "line 1: expected value after exemplar labels"},
      {"a 1 # {}1\n# EOF\n", "line 1: expected value after exemplar labels"},
      {"a 1 # {} 1 NaN\n# EOF\n", "line 1: invalid timestamp"},
      {"a 1 # {} 1 2 3\n# EOF\n", "line 1: expected timestamp, exemplar or new record"},
      {"a 1 # {\"b\"} 1\n# EOF\n", "line 1: expected label name"},
      {"a 1 # {b=\"c\"d=\"e\"} 1\n# EOF\n", "line 1: expected comma or brace close"},
      {"a 1 # {b=\"\xff\"} 1\n# EOF\n", "line 1: invalid UTF-8"},
      {"a 1 # {b=\"c\n# EOF\n", "line 1: expected label value"},
      {"# TYPE a untyped\n# EOF\n", "line 1: invalid metric type \"untyped\""},
      {"# TYPE a gauge \n# EOF\n", "line 1: invalid metric type \"gauge \""},
      {"# TYPE  gauge\n# EOF\n", "line 1: expected metric name after TYPE"},
      {"# HELP \"a\n# EOF\n", "line 1: expected metric name after HELP"},
      {"# UNIT a\n# EOF\n", "line 1: expected text in UNIT"},
      {"# UNIT a_bytes seconds\n# EOF\n",
       "line 1: unit \"seconds\" not a suffix of metric \"a_bytes\""},
      {"# UNIT abytes bytes\n# EOF\n", "line 1: unit \"bytes\" not a suffix"},
      {"# UNIT bytes bytes\n# EOF\n", "line 1: unit \"bytes\" not a suffix"},
      {"# HELP a \xff\n# EOF\n", "line 1: help text is not valid UTF-8"},
      {"a{b=\"c\"\n# EOF\n", "line 1: expected label name"},
      {"a{b=\"c\"d=\"e\"} 1\n# EOF\n", "line 1: expected comma or brace close"},
      {"a{b=\"c\",,d=\"e\"} 1\n# EOF\n", "line 1: expected label name"},
      {"a{b=\"c\", d=\"e\"} 1\n# EOF\n", "line 1: expected label name"},
      {"a{ b=\"c\"} 1\n# EOF\n", "line 1: expected label name"},
      {"a{b =\"c\"} 1\n# EOF\n", "line 1: expected equal"},
      {"a{b=\"c\nd\"} 1\n# EOF\n", "line 1: expected label value"},
      {"a{b=\"c\",b=\"d\"} 1\n# EOF\n", "line 1: label name is not unique"},
      {"a{\"b\"} 1\n# EOF\n", "line 1: metric name already set"},
      {"{b=\"c\"} 1\n# EOF\n", "line 1: metric name not set"},
  };
  for (const Case& c : kCases) {
    const std::vector<std::string> read = Read(c.page);
    ASSERT_FALSE(read.empty()) << c.page;
    EXPECT_THAT(read.back(), StartsWith(std::string(c.want))) << c.page;
  }
}

TEST(OpenMetricsParserTest, TimestampsAreCutToMilliseconds) {
  for (TimestampMs t = 1'700'000'000'000; t < 1'700'000'002'000; ++t) {
    const std::string page = StrCat("a 1 ", t / 1000, ".", 1000 + t % 1000, "\n# EOF\n");
    std::string digits = page;
    digits.erase(digits.find('.') + 1, 1);  // the 1 that keeps the zeros
    EXPECT_THAT(Read(digits), ElementsAre(StrCat("a 1 @", t)));
  }
  // As Prometheus 3.5: the double is a little less than what is written.
  EXPECT_THAT(Read("a 1 1.001\n# EOF\n"), ElementsAre("a 1 @1000"));
  EXPECT_THAT(Read("a 1 1700000000.1239\n# EOF\n"), ElementsAre("a 1 @1700000000123"));
  EXPECT_THAT(Read("a 1 -0.0019\n# EOF\n"), ElementsAre("a 1 @-1"));
}

TEST(OpenMetricsParserTest, AnyBytesEnd) {
  const std::string page =
      "# TYPE a counter\n# UNIT a_b b\na_total{b=\"c\",\"d\"=\"e\"} 1 2 # {x=\"y\"} 3 4\n# EOF\n";
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = page;
    for (int k = 0; k < 2; ++k) damaged[random() % page.size()] = static_cast<char>(random());
    Read(std::string_view(damaged).substr(0, random() % (page.size() + 1)));
  }
}

}  // namespace
}  // namespace tidemark::scrape
