#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
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

// Cases that want start timestamps of native histograms, which nothing keeps yet: where a query
// stands. A case that fails and is not among them is a fault, and so is one of them that passes.
const std::set<std::string>& Missing() {
  static const auto* const missing = new std::set<std::string>{
      "start_timestamps.test:197", "start_timestamps.test:200", "start_timestamps.test:203",
      "start_timestamps.test:207", "start_timestamps.test:224", "start_timestamps.test:230",
      "start_timestamps.test:236", "start_timestamps.test:285"};
  return *missing;
}

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

TEST(PromqltestConformanceTest, AllPassButThoseMissing) {
  if (!std::filesystem::is_directory(Directory())) {
    GTEST_SKIP() << "no scripts in " << Directory() << "; set TIDEMARK_PROMQLTEST";
  }
  size_t passed = 0;
  std::set<std::string> missing;
  for (const std::filesystem::path& path : Scripts()) {
    const auto script = ReadFile(path);
    ASSERT_TRUE(script.ok()) << script.status();
    const auto report = RunGoldenScript(*script);
    ASSERT_TRUE(report.ok()) << path << ": " << report.status();
    for (const ScriptCase& c : report->cases) {
      if (c.outcome == ScriptOutcome::kPassed) continue;
      const std::string place = StrCat(path.filename().string(), ":", c.line);
      missing.insert(place);
      EXPECT_TRUE(Missing().contains(place)) << place << ": " << c.query << "\n  " << c.reason;
    }
    passed += report->Count(ScriptOutcome::kPassed);
  }
  std::cout << passed << " cases passed, " << missing.size() << " are missing\n";
  EXPECT_EQ(missing, Missing());
}

}  // namespace
}  // namespace tidemark::testing
