// Any bytes give entries or an error that names a line; and what is accepted is accepted again, and
// says the same, after it is printed plainly.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/model/float_format.h"
#include "base/model/sample.h"
#include "base/strings.h"
#include "scrape/expfmt/prometheus_text_parser.h"

namespace {

using tidemark::StrAppend;
using tidemark::scrape::ExpositionEntry;
using tidemark::scrape::ExpositionLabels;
using tidemark::scrape::PrometheusTextParser;

struct Sample {
  ExpositionLabels labels;
  double value = 0;
  std::optional<tidemark::TimestampMs> timestamp;

  friend bool operator==(const Sample& a, const Sample& b) {
    return a.labels == b.labels && tidemark::SameBits(a.value, b.value) &&
           a.timestamp == b.timestamp;
  }
};

// False where the page has an error. HELP and TYPE lines are left out: without them, bounds that
// have been normalized stay as they are.
bool ReadPage(std::string_view page, std::vector<Sample>* samples) {
  PrometheusTextParser parser(page);
  ExpositionEntry entry;
  while (parser.Next(entry)) {
    if (entry.kind != ExpositionEntry::Kind::kSample) continue;
    Sample sample{{}, entry.value, entry.timestamp};
    if (!parser.Labels(sample.labels).ok()) return false;
    samples->push_back(std::move(sample));
  }
  if (parser.status().ok()) return true;
  if (!tidemark::ToStd(parser.status().message()).starts_with("line ")) __builtin_trap();
  return false;
}

void AppendQuoted(std::string_view text, std::string* out) {
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

std::string Print(const std::vector<Sample>& samples) {
  std::string page;
  for (const Sample& sample : samples) {
    page.push_back('{');
    AppendQuoted(sample.labels.front().second, &page);
    for (size_t i = 1; i < sample.labels.size(); ++i) {
      page.push_back(',');
      AppendQuoted(sample.labels[i].first, &page);
      page.push_back('=');
      AppendQuoted(sample.labels[i].second, &page);
    }
    StrAppend(&page, "} ", tidemark::FormatFloat(sample.value));
    if (sample.timestamp) StrAppend(&page, " ", *sample.timestamp);
    page.push_back('\n');
  }
  return page;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<Sample> samples, again;
  if (!ReadPage({reinterpret_cast<const char*>(data), size}, &samples)) return 0;
  if (!ReadPage(Print(samples), &again) || samples != again) __builtin_trap();
  return 0;
}
