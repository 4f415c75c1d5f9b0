#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::tidectl {

// Results of tests as JUnit XML, the way promtool writes them for CI systems.
struct JunitCase {
  std::string name;
  std::vector<std::string> failures = {};
};
struct JunitSuite {
  std::string name;
  std::vector<JunitCase> cases = {};
  std::string error = {};      // why it could not be run; then it has no cases
  std::string timestamp = {};  // when it began, 2006-01-02T15:04:05; empty where it could not
};

// The document, in one line. Characters that XML does not know become U+FFFD.
std::string FormatJunit(const std::vector<JunitSuite>& suites);

}  // namespace tidemark::tidectl
