#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/model/float_format.h"
#include "base/model/sample.h"
#include "base/strings.h"
#include "scrape/expfmt/exposition_parser.h"

// The samples of a page of text, and the page that says them in the plainest way.
namespace tidemark::fuzz {

struct TextSample {
  scrape::ExpositionLabels labels;
  double value = 0;
  std::optional<TimestampMs> timestamp;

  friend bool operator==(const TextSample& a, const TextSample& b) {
    return a.labels == b.labels && SameBits(a.value, b.value) && a.timestamp == b.timestamp;
  }
};

// False where the page has an error, which must name a line. What is said of families is left out:
// without it, bounds that have been normalized stay as they are.
template <typename Parser>
bool ReadSamples(std::string_view page, std::vector<TextSample>* samples) {
  Parser parser(page);
  scrape::ExpositionEntry entry;
  while (parser.Next(entry)) {
    if (entry.kind != scrape::ExpositionEntry::Kind::kSample) continue;
    TextSample sample{{}, entry.value, entry.timestamp};
    if (!parser.Labels(sample.labels).ok()) return false;
    samples->push_back(std::move(sample));
  }
  if (parser.status().ok()) return true;
  if (!ToStd(parser.status().message()).starts_with("line ")) __builtin_trap();
  return false;
}

inline void AppendPageQuoted(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    if (c == '\n') {
      out->append("\\n");
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

// `{"name","label"="value"} 1 TIMESTAMP`, the timestamp by `print_time`, a line each.
template <typename PrintTime>
std::string PrintSamples(const std::vector<TextSample>& samples, PrintTime print_time) {
  std::string page;
  for (const TextSample& sample : samples) {
    page.push_back('{');
    AppendPageQuoted(sample.labels.front().second, &page);
    for (size_t i = 1; i < sample.labels.size(); ++i) {
      page.push_back(',');
      AppendPageQuoted(sample.labels[i].first, &page);
      page.push_back('=');
      AppendPageQuoted(sample.labels[i].second, &page);
    }
    StrAppend(&page, "} ", FormatFloat(sample.value));
    if (sample.timestamp) StrAppend(&page, " ", print_time(*sample.timestamp));
    page.push_back('\n');
  }
  return page;
}

}  // namespace tidemark::fuzz
