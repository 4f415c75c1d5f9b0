#include "scrape/expfmt/expected_series.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "scrape/expfmt/openmetrics_parser.h"
#include "scrape/expfmt/prometheus_text_parser.h"

namespace tidemark::scrape {
namespace {

// Names that begin with one another, and lines that are no samples.
constexpr std::string_view kLines[] = {
    "a 1",
    "a 25",
    "ab 1",
    "a:b 1e3",
    "a{} 1",
    "a {} 2",
    "a  {b=\"c\"} 3",
    "a\t{b=\"c\"} 3",
    "a\t4",
    "a  5",
    "a{b=\"c\"} 1",
    "a{b=\"c\"} 1 1700000000",
    "a{b=\"c\"}  1",
    "a{b=\"c\"}1",
    "a{b=\"c}\"} NaN",
    "a{b=\"c\",d=\"\\\"} 1\"} +Inf",
    "a{b=\"c\"} {",
    "a{b=\"c\"} # {} 1",
    "a{b=\"c\"} 1 # {d=\"e\"} 1",
    "a{b=\"c\"",
    "a{b=\"c\"}",
    "a{b=\"c\"} ",
    "{\"a\"} 1",
    "{\"a\",b=\"c\"} 1",
    "a",
    "a ",
    "# a",
};

// What one line says, in words; `expected` as in ExpositionEntry.
template <typename Parser>
std::string Read(std::string_view line, const SeriesName& expected, SeriesName* name = nullptr) {
  const std::string page = StrCat(line, "\n# EOF\n");
  Parser parser(page);
  ExpositionEntry entry;
  entry.expected = expected;
  if (!parser.Next(entry)) return parser.status().ToString();
  const Hash128 hash = SeededHash128(entry.series);
  if (name != nullptr) *name = {hash, static_cast<uint32_t>(entry.series.size())};
  EXPECT_TRUE(!entry.is_expected || hash == expected.hash) << line;
  return StrCat(entry.series, "|", entry.value, "|", entry.timestamp.value_or(-1), "|",
                entry.exemplars.empty() ? "" : entry.exemplars[0].labels);
}

// Whatever is expected, a line says the same.
template <typename Parser>
void CheckAllPairs(size_t min_names) {
  std::vector<SeriesName> names;
  for (const std::string_view line : kLines) {
    SeriesName name;
    Read<Parser>(line, {}, &name);
    if (name.size > 0) names.push_back(name);
  }
  EXPECT_GE(names.size(), min_names);
  for (const std::string_view line : kLines) {
    const std::string want = Read<Parser>(line, {});
    for (const SeriesName& name : names) EXPECT_EQ(Read<Parser>(line, name), want) << line;
  }
}

TEST(ExpectedSeriesTest, ChangesNothingInPrometheusText) {
  CheckAllPairs<PrometheusTextParser>(12);
}

TEST(ExpectedSeriesTest, ChangesNothingInOpenMetrics) { CheckAllPairs<OpenMetricsParser>(8); }

TEST(ExpectedSeriesTest, IsFoundAsAWhole) {
  const auto skip = [](std::string_view name, std::string_view text) {
    const SeriesName expected{SeededHash128(name), static_cast<uint32_t>(name.size())};
    const std::unique_ptr<char[]> page(new char[text.size()]);  // nothing behind it may be read
    text.copy(page.get(), text.size());
    return SkipExpected(expected, page.get(), page.get() + text.size()) != nullptr;
  };
  EXPECT_TRUE(skip("a{b=\"c\"}", "a{b=\"c\"} 1"));
  EXPECT_FALSE(skip("a{b=\"c\"}", "a{b=\"d\"} 1"));
  EXPECT_FALSE(skip("a", "ab 1"));
  EXPECT_FALSE(skip("a", "a"));
  EXPECT_FALSE(skip("a", "a "));
  EXPECT_FALSE(skip("", " 1"));
}

}  // namespace
}  // namespace tidemark::scrape
