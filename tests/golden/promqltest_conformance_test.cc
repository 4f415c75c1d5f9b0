#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/io/file.h"
#include "tests/testing/golden_runner.h"

// Runs the test scripts of Prometheus itself, which are not part of this repository: those in
// ../shared/promqltest, or in the directory that TIDEMARK_PROMQLTEST names.
namespace tidemark::testing {
namespace {

using promql::ScriptCase;
using promql::ScriptOutcome;

std::filesystem::path Directory() {
  const char* given = std::getenv("TIDEMARK_PROMQLTEST");
  return given != nullptr ? given : "../shared/promqltest";
}

std::vector<std::filesystem::path> Scripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(Directory())) {
    if (entry.path().extension() == ".test") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(PromqltestConformanceTest, AllPass) {
  if (!std::filesystem::is_directory(Directory())) {
    GTEST_SKIP() << "no scripts in " << Directory() << "; set TIDEMARK_PROMQLTEST";
  }
  size_t passed = 0;
  for (const std::filesystem::path& path : Scripts()) {
    const auto script = ReadFile(path);
    ASSERT_TRUE(script.ok()) << script.status();
    const auto report = RunGoldenScript(*script);
    ASSERT_TRUE(report.ok()) << path << ": " << report.status();
    for (const ScriptCase& c : report->cases) {
      EXPECT_EQ(c.outcome, ScriptOutcome::kPassed)
          << path.filename().string() << ":" << c.line << ": " << c.query << "\n  " << c.reason;
    }
    passed += report->Count(ScriptOutcome::kPassed);
  }
  std::cout << passed << " cases passed\n";
}

}  // namespace
}  // namespace tidemark::testing
