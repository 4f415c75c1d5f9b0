#include "scrape/expfmt/openmetrics_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Everything that a page says, one line an entry, and its error last.
std::vector<std::string> Read(std::string_view page) {
  OpenMetricsParser parser(page);
  std::vector<std::string> out;
  ExpositionEntry entry;
  ExpositionLabels labels;
  while (parser.Next(entry)) {
    if (entry.kind != ExpositionEntry::Kind::kSample) {
      const bool help = entry.kind == ExpositionEntry::Kind::kHelp;
      out.push_back(StrCat(help ? "HELP " : "TYPE ", entry.family, " ", entry.text));
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
    out.push_back(std::move(line));
  }
  if (!parser.status().ok()) out.emplace_back(ToStd(parser.status().message()));
  return out;
}

TEST(OpenMetricsParserTest, ReadsAPage) {
  EXPECT_THAT(Read("# HELP http_requests Requests \\\\ \\n.\n"
                   "# TYPE http_requests counter\n"
                   "http_requests_total{code=\"200\"} 1027 1395066363.001\n"
                   "http_requests_total{code=\"400\"} 3 # {trace_id=\"x}\"} 0.5 1.5\n"
                   "# TYPE rpc_seconds histogram\n"
                   "# UNIT rpc_seconds seconds\n"
                   "rpc_seconds_bucket{le=\"1\"} +Inf -1.5 # {} 0.5\n"
                   "{\"a name\",b=\"\\\"\"} NaN 1e3\n"
                   "# EOF\n"),
              ElementsAre("HELP http_requests Requests \\\\ \\n.", "TYPE http_requests counter",
                          "http_requests_total|code=200 1027 @1395066363001",
                          "http_requests_total|code=400 3", "TYPE rpc_seconds histogram",
                          "rpc_seconds_bucket|le=1.0 +Inf @-1500", "a name|b=\" NaN @1000000"));
  EXPECT_THAT(Read("# EOF"), ElementsAre());
}

TEST(OpenMetricsParserTest, Refuses) {
  struct Case {
    std::string_view page, want;
  };
  constexpr Case kCases[] = {
      {"", "line 1: data does not end with # EOF"},
      {"a 1\n", "line 2: data does not end with # EOF"},
      {"a 1", "line 1: expected the end of the line"},
      {"# TYPE a gauge", "line 1: data does not end with # EOF"},
      {"a 1\n# EOF\n\n", "line 3: unexpected data after # EOF"},
      {"a 1\n\n# EOF\n", "line 2: expected a metric name"},
      {" a 1\n# EOF\n", "line 1: expected a metric name"},
      {"a  1\n# EOF\n", "line 1: expected value"},
      {"a\t1\n# EOF\n", "line 1: expected a blank and a value after metric"},
      {"a 1 \n# EOF\n", "line 1: expected timestamp"},
      {"a 1 2 3\n# EOF\n", "line 1: expected an exemplar"},
      {"a x\n# EOF\n", "line 1: "},
      {"a 1 NaN\n# EOF\n", "line 1: invalid timestamp"},
      {"a 1 1e300\n# EOF\n", "line 1: invalid timestamp"},
      {"a 1 # {b=\"c\"}\n# EOF\n", "line 1: expected a blank and a value in an exemplar"},
      {"a 1\n# comment\n# EOF\n", "line 2: expected HELP, TYPE, UNIT or EOF"},
      {"# TYPE a untyped\n# EOF\n", "line 1: invalid metric type \"untyped\""},
      {"# TYPE  gauge\n# EOF\n", "line 1: expected metric name"},
      {"# UNIT a_bytes seconds\n# EOF\n", "line 1: unit is not a suffix of the metric"},
      {"# HELP a \xff\n# EOF\n", "line 1: help text is not valid UTF-8"},
      {"a{b=\"c\"\n# EOF\n", "line 1: expected label name"},
      {"a{b=\"c\",b=\"d\"} 1\n# EOF\n", "line 1: "},
  };
  for (const Case& c : kCases) {
    const std::vector<std::string> read = Read(c.page);
    ASSERT_FALSE(read.empty()) << c.page;
    EXPECT_THAT(read.back(), HasSubstr(std::string(c.want))) << c.page;
  }
}

TEST(OpenMetricsParserTest, TimestampsAreTheNearestMillisecond) {
  for (TimestampMs t = 1'700'000'000'000; t < 1'700'000'002'000; ++t) {
    const std::string page = StrCat("a 1 ", t / 1000, ".", 1000 + t % 1000, "\n# EOF\n");
    std::string digits = page;
    digits.erase(digits.find('.') + 1, 1);  // the 1 that keeps the zeros
    EXPECT_THAT(Read(digits), ElementsAre(StrCat("a 1 @", t)));
  }
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
