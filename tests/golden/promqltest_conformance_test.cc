#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/io/file.h"
#include "base/strings.h"
#include "tests/testing/golden_runner.h"

// Runs the test scripts of Prometheus itself, which are not part of this repository: those in
// ../shared/promqltest, or in the directory that TIDEMARK_PROMQLTEST names.
namespace tidemark::testing {
namespace {

using promql::ScriptCase;
using promql::ScriptOutcome;

// So many cases passed when this was last raised; fewer is a step back. All others look at native
// histograms, which is what kNotYet means: whatever else cannot be evaluated fails.
constexpr size_t kFloor = 1125;

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

void Print(const std::string& name, size_t passed, size_t not_yet, size_t failed) {
  std::cout << name << ": " << passed << " passed, " << not_yet << " with native histograms, "
            << failed << " failed\n";
}

TEST(PromqltestConformanceTest, AllWithoutNativeHistogramsPass) {
  if (!std::filesystem::is_directory(Directory())) {
    GTEST_SKIP() << "no scripts in " << Directory() << "; set TIDEMARK_PROMQLTEST";
  }
  const bool list_not_yet = std::getenv("TIDEMARK_PROMQLTEST_LIST") != nullptr;
  size_t passed = 0, not_yet = 0, failed = 0;
  for (const std::filesystem::path& path : Scripts()) {
    const auto script = ReadFile(path);
    ASSERT_TRUE(script.ok()) << script.status();
    const auto report = RunGoldenScript(*script);
    ASSERT_TRUE(report.ok()) << path << ": " << report.status();
    for (const ScriptCase& c : report->cases) {
      const std::string where = StrCat(path.filename().string(), ":", c.line);
      EXPECT_NE(c.outcome, ScriptOutcome::kFailed)
          << where << ": " << c.query << "\n  " << c.reason;
      if (list_not_yet && c.outcome == ScriptOutcome::kNotYet) {
        std::cout << where << ": " << c.query << ": " << c.reason << "\n";
      }
    }
    Print(path.filename(), report->Count(ScriptOutcome::kPassed),
          report->Count(ScriptOutcome::kNotYet), report->Count(ScriptOutcome::kFailed));
    passed += report->Count(ScriptOutcome::kPassed);
    not_yet += report->Count(ScriptOutcome::kNotYet);
    failed += report->Count(ScriptOutcome::kFailed);
  }
  Print("all", passed, not_yet, failed);
  EXPECT_GE(passed, kFloor);
}

}  // namespace
}  // namespace tidemark::testing
