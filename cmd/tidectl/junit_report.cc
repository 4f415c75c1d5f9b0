#include "cmd/tidectl/junit_report.h"

#include "base/labels/label_set.h"
#include "base/strings.h"

namespace tidemark::tidectl {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string Escape(std::string_view text) {
  const bool is_utf8 = IsValidUtf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\t':
        out += "&#x9;";
        break;
      case '\n':
        out += "&#xA;";
        break;
      case '\r':
        out += "&#xD;";
        break;
      default:
        if (byte < ' ' || (byte >= 0x80 && !is_utf8)) {
          out += kReplacement;
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string Element(std::string_view tag, std::string_view text) {
  return StrCat("<", tag, ">", Escape(text), "</", tag, ">");
}

std::string Open(std::string_view tag, std::string_view name) {
  return StrCat("<", tag, " name=\"", Escape(name), "\"");
}

std::string FormatSuite(const JunitSuite& suite) {
  size_t num_failures = 0;
  std::string cases;
  for (const JunitCase& c : suite.cases) {
    num_failures += c.failures.size();
    StrAppend(&cases, Open("testcase", c.name), ">");
    for (const std::string& failure : c.failures) cases += Element("failure", failure);
    cases += "</testcase>";
  }
  if (!suite.error.empty()) {
    cases = StrCat(Open("testcase", "unknown"), ">", Element("error", suite.error), "</testcase>");
  }
  const size_t num_errors = suite.error.empty() ? 0 : 1;
  return StrCat(Open("testsuite", suite.name), " tests=\"", suite.cases.size() + num_errors,
                "\" failures=\"", num_failures, "\" errors=\"", num_errors,
                "\" skipped=\"0\" timestamp=\"", suite.timestamp, "\">", cases, "</testsuite>");
}

}  // namespace

std::string FormatJunit(const std::vector<JunitSuite>& suites) {
  std::string text = "<testsuites>";
  for (const JunitSuite& suite : suites) text += FormatSuite(suite);
  return text + "</testsuites>";
}

}  // namespace tidemark::tidectl
