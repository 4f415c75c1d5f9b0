// Any bytes give entries or an error that names a metric family; the same bytes say the same twice;
// and histograms made of classic ones are valid.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/model/histogram_validation.h"
#include "base/strings.h"
#include "scrape/expfmt/custom_bucket_parser.h"
#include "scrape/expfmt/protobuf_parser.h"

namespace {

using tidemark::scrape::CustomBucketParser;
using tidemark::scrape::ExpositionEntry;
using tidemark::scrape::ExpositionLabels;
using tidemark::scrape::ExpositionParser;
using tidemark::scrape::HistogramChoice;
using tidemark::scrape::ProtobufParser;

void Check(bool law) {
  if (!law) __builtin_trap();
}

struct Entry {
  ExpositionEntry::Kind kind;
  std::string series;
  ExpositionLabels labels;

  friend bool operator==(const Entry&, const Entry&) = default;
};

std::vector<Entry> ReadPage(ExpositionParser& parser) {
  std::vector<Entry> entries;
  for (ExpositionEntry entry; parser.Next(entry);) {
    if (entry.kind > ExpositionEntry::Kind::kHistogram) continue;
    ExpositionLabels labels;
    if (!parser.Labels(labels).ok()) labels.clear();
    entries.push_back({entry.kind, std::string(entry.series), std::move(labels)});
  }
  if (!parser.status().ok()) {
    Check(tidemark::ToStd(parser.status().message()).starts_with("metric family "));
  }
  return entries;
}

void CheckConverted(std::string_view page) {
  CustomBucketParser parser(std::make_unique<ProtobufParser>(page, HistogramChoice{}),
                            /*keep_classic=*/false, /*gauges_too=*/true);
  for (ExpositionEntry entry; parser.Next(entry);) {
    if (entry.kind != ExpositionEntry::Kind::kHistogram) continue;
    std::visit([](const auto& h) { Check(tidemark::ValidateHistogram(h).ok()); }, entry.histogram);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  for (const bool native : {false, true}) {
    const HistogramChoice choice{.native = native, .always_classic = true};
    ProtobufParser once(page, choice), again(page, choice);
    Check(ReadPage(once) == ReadPage(again));
  }
  CheckConverted(page);
  return 0;
}
