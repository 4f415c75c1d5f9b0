#include "scrape/target_metadata.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

namespace tidemark::scrape {
namespace {

constexpr uint64_t kPagesToKeep = 10;
constexpr size_t kMinSweep = 1000;

}  // namespace

size_t MetadataPool::ByContent::operator()(const MetricMetadata& m) const {
  return absl::HashOf(m);
}
size_t MetadataPool::ByContent::operator()(const std::shared_ptr<const MetricMetadata>& m) const {
  return absl::HashOf(*m);
}
bool MetadataPool::ByContent::operator()(const std::shared_ptr<const MetricMetadata>& a,
                                         const MetricMetadata& b) const {
  return *a == b;
}
bool MetadataPool::ByContent::operator()(const std::shared_ptr<const MetricMetadata>& a,
                                         const std::shared_ptr<const MetricMetadata>& b) const {
  return *a == *b;
}

std::shared_ptr<const MetricMetadata> MetadataPool::Share(MetricMetadata metadata) {
  absl::MutexLock lock(&mu_);
  if (const auto it = all_.find(metadata); it != all_.end()) return *it;
  if (all_.size() >= sweep_at_) {
    // Nobody but the pool has it, and nobody can get it meanwhile.
    absl::erase_if(all_, [](const auto& m) { return m.use_count() == 1; });
    sweep_at_ = std::max(kMinSweep, 2 * all_.size());
  }
  return *all_.insert(std::make_shared<const MetricMetadata>(std::move(metadata))).first;
}

size_t MetadataPool::size() const {
  absl::MutexLock lock(&mu_);
  return all_.size();
}

std::vector<MetricMetadata> TargetMetadata::List() const {
  std::vector<MetricMetadata> all;
  {
    absl::MutexLock lock(&mu_);
    all.reserve(entries_.size());
    for (const Entry& entry : entries_) all.push_back(*entry.metadata);
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.family < b.family; });
  return all;
}

std::optional<MetricMetadata> TargetMetadata::Find(std::string_view family) const {
  absl::MutexLock lock(&mu_);
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& e) { return e.metadata->family == family; });
  if (it == entries_.end()) return std::nullopt;
  return *it->metadata;
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
  if (entry.metadata.get()->*field == text) return;
  MetricMetadata changed = *entry.metadata;
  changed.*field = text;
  std::shared_ptr<const MetricMetadata> shared = pool_.Share(std::move(changed));
  absl::MutexLock lock(&mu_);
  entry.metadata = std::move(shared);
}

// The lines of a family follow one another, and families keep their order: it is the one before or
// the next one.
size_t TargetMetadata::PlaceOf(std::string_view family) {
  for (size_t place = next_; place < std::min(next_ + 2, entries_.size()); ++place) {
    if (entries_[place].metadata->family == family) return place;
  }
  if (places_.empty()) {
    for (size_t i = 0; i < entries_.size(); ++i) places_.emplace(entries_[i].metadata->family, i);
  }
  const auto [it, is_new] = places_.try_emplace(std::string(family), entries_.size());
  if (!is_new) return it->second;
  MetricMetadata metadata;
  metadata.family = family;
  std::shared_ptr<const MetricMetadata> shared = pool_.Share(std::move(metadata));
  absl::MutexLock lock(&mu_);
  entries_.push_back({std::move(shared), page_});
  return it->second;
}

void TargetMetadata::EndPage() {
  const auto is_gone = [this](const Entry& e) { return page_ - e.last_page > kPagesToKeep; };
  if (std::any_of(entries_.begin(), entries_.end(), is_gone)) {
    absl::MutexLock lock(&mu_);
    std::erase_if(entries_, is_gone);
  }
  next_ = 0;
  places_ = {};
  ++page_;
}

}  // namespace tidemark::scrape
