// Every query of Prometheus's own test scripts parses, and its print parses to the same print. The
// scripts are no part of this repository: they are looked for beside it, or in the folder that
// TIDEMARK_PROMQLTEST names, and where they are not there the test is skipped.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"

#include "base/strings.h"
#include "promql/query.h"

namespace tidemark::promql {
namespace {

struct ScriptQuery {
  std::string place;  // file:line
  std::string text;
  bool may_fail = false;  // the script expects an error, of the parser or of the engine
};

std::filesystem::path ScriptFolder() {
  const char* folder = std::getenv("TIDEMARK_PROMQLTEST");
  return folder != nullptr ? folder : "../shared/promqltest";
}

// `line` without its first `n` words.
std::string_view AfterWords(std::string_view line, int n) {
  for (; n > 0; --n) {
    const size_t space = line.find_first_of(" \t");
    if (space == std::string_view::npos) return "";
    line.remove_prefix(space);
    line = ToStd(absl::StripLeadingAsciiWhitespace(ToAbsl(line)));
  }
  return line;
}

// `eval[_fail|...] instant [at TIME] QUERY`, `eval range from A to B step S QUERY`.
std::optional<std::string_view> QueryOf(std::string_view line) {
  if (!line.starts_with("eval")) return std::nullopt;
  const std::string_view kind = AfterWords(line, 1);
  if (kind.starts_with("instant at")) return AfterWords(line, 4);
  if (kind.starts_with("instant")) return AfterWords(line, 2);
  if (kind.starts_with("range from")) return AfterWords(line, 8);
  return std::nullopt;
}

std::vector<ScriptQuery> ReadScript(const std::filesystem::path& path) {
  std::vector<ScriptQuery> queries;
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = ToStd(absl::StripAsciiWhitespace(line));
    if (const auto query = QueryOf(text)) {
      queries.push_back({StrCat(path.filename().string(), ":", number), std::string(*query),
                         text.starts_with("eval_fail")});
    } else if (!queries.empty() && text.starts_with("expect fail")) {
      queries.back().may_fail = true;
    }
  }
  return queries;
}

void CheckQuery(const ScriptQuery& script_query) {
  constexpr ParserOptions kAllFeatures = {.experimental_functions = true,
                                          .extended_range_selectors = true,
                                          .binop_fill_modifiers = true};
  const auto query = Query::Parse(script_query.text, kAllFeatures);
  if (!query.ok() && script_query.may_fail) return;
  ASSERT_TRUE(query.ok()) << script_query.place << ": " << script_query.text << "\n"
                          << query.status();
  const auto again = Query::Parse(query->text(), kAllFeatures);
  ASSERT_TRUE(again.ok()) << script_query.place << ": " << query->text() << "\n" << again.status();
  EXPECT_EQ(again->text(), query->text()) << script_query.place;
}

TEST(PromqlTestScriptsTest, AllQueriesParse) {
  const std::filesystem::path folder = ScriptFolder();
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "no PromQL test scripts in " << folder
                 << "; set TIDEMARK_PROMQLTEST to a folder of them";
  }
  size_t num_queries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".test") continue;
    for (const ScriptQuery& query : ReadScript(entry.path())) {
      CheckQuery(query);
      ++num_queries;
    }
  }
  EXPECT_GT(num_queries, 0U) << folder;
  RecordProperty("queries", static_cast<int>(num_queries));
}

}  // namespace
}  // namespace tidemark::promql
