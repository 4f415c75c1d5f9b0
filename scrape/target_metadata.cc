#include "scrape/target_metadata.h"

#include <algorithm>
#include <utility>

namespace tidemark::scrape {
namespace {

constexpr uint64_t kPagesToKeep = 10;

}  // namespace

std::vector<MetricMetadata> TargetMetadata::List() const {
  std::vector<MetricMetadata> all;
  {
    absl::MutexLock lock(&mu_);
    all.reserve(entries_.size());
    for (const Entry& entry : entries_) all.push_back(entry.metadata);
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.family < b.family; });
  return all;
}

std::optional<MetricMetadata> TargetMetadata::Find(std::string_view family) const {
  absl::MutexLock lock(&mu_);
  const auto it = places_.find(family);
  if (it == places_.end()) return std::nullopt;
  return entries_[it->second].metadata;
}

void TargetMetadata::SetType(std::string_view family, std::string_view type) {
  Set(family, &MetricMetadata::type, type == "untyped" ? "unknown" : type);
}
void TargetMetadata::SetHelp(std::string_view family, std::string_view help) {
  Set(family, &MetricMetadata::help, help);
}
void TargetMetadata::SetUnit(std::string_view family, std::string_view unit) {
  Set(family, &MetricMetadata::unit, unit);
}

void TargetMetadata::Set(std::string_view family, std::string MetricMetadata::*field,
                         std::string_view text) {
  next_ = PlaceOf(family);
  Entry& entry = entries_[next_];
  entry.last_page = page_;
  if (entry.metadata.*field == text) return;
  absl::MutexLock lock(&mu_);
  entry.metadata.*field = text;
}

// The lines of a family follow one another, and families keep their order: it is the one before or
// the next one.
size_t TargetMetadata::PlaceOf(std::string_view family) {
  for (size_t place = next_; place < std::min(next_ + 2, entries_.size()); ++place) {
    if (entries_[place].metadata.family == family) return place;
  }
  if (const auto it = places_.find(family); it != places_.end()) return it->second;
  absl::MutexLock lock(&mu_);
  places_.emplace(family, entries_.size());
  entries_.emplace_back().metadata.family = family;
  return entries_.size() - 1;
}

void TargetMetadata::EndPage() {
  const auto is_gone = [this](const Entry& e) { return page_ - e.last_page > kPagesToKeep; };
  if (std::any_of(entries_.begin(), entries_.end(), is_gone)) {
    absl::MutexLock lock(&mu_);
    std::erase_if(entries_, is_gone);
    places_.clear();
    for (size_t i = 0; i < entries_.size(); ++i) places_.emplace(entries_[i].metadata.family, i);
  }
  next_ = 0;
  ++page_;
}

}  // namespace tidemark::scrape
