#include "remote/write/family_lookup.h"

#include <algorithm>
#include <iterator>

namespace tidemark::remote {
namespace {

constexpr DurationMs kRefreshInterval = kSecond;

// What names of series have that those of their families have not.
constexpr std::string_view kSuffixes[] = {"_bucket",  "_count", "_sum",    "_total",
                                          "_created", "_info",  "_gcount", "_gsum"};

}  // namespace

const FamilyMetadata* FamilyLookup::Find(std::string_view metric_name) {
  if (const FamilyMetadata* const known = FindKnown(metric_name)) return known;
  const TimestampMs now = clock_.Now();
  if (now < next_refresh_) return nullptr;
  next_refresh_ = now + kRefreshInterval;
  families_.clear();
  for (FamilyMetadata& metadata : source_()) {
    std::string family = metadata.family;
    families_.emplace(std::move(family), std::move(metadata));
  }
  return FindKnown(metric_name);
}

const FamilyMetadata* FamilyLookup::FindKnown(std::string_view metric_name) const {
  if (const auto it = families_.find(metric_name); it != families_.end()) return &it->second;
  for (const std::string_view suffix : kSuffixes) {
    if (!metric_name.ends_with(suffix)) continue;
    const auto it = families_.find(metric_name.substr(0, metric_name.size() - suffix.size()));
    if (it != families_.end()) return &it->second;
  }
  return nullptr;
}

uint32_t MetadataTypeNumber(std::string_view type) {
  static constexpr std::string_view kTypes[] = {"unknown",        "counter", "gauge", "histogram",
                                                "gaugehistogram", "summary", "info",  "stateset"};
  const auto* const it = std::find(std::begin(kTypes), std::end(kTypes), type);
  return it == std::end(kTypes) ? 0 : static_cast<uint32_t>(it - std::begin(kTypes));
}

}  // namespace tidemark::remote
