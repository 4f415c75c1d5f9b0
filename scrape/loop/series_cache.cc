#include "scrape/loop/series_cache.h"

#include <algorithm>
#include <limits>

#include "absl/container/flat_hash_set.h"

namespace tidemark::scrape {
namespace {

constexpr uint32_t kNowhere = std::numeric_limits<uint32_t>::max();
// How many missing series are stepped over before the table is made.
constexpr size_t kLookahead = 4;

}  // namespace

SeriesCache::Found SeriesCache::Find(const Hash128& name) {
  const size_t reach = std::min(next_ + kLookahead, last_.size());
  for (size_t place = next_; place < reach; ++place) {
    if (last_[place].name == name) return Take(place);
  }
  if (places_.empty() && !last_.empty()) {
    places_.reserve(last_.size());
    for (size_t i = 0; i < last_.size(); ++i) {
      places_.emplace(last_[i].name, static_cast<uint32_t>(i));
    }
  }
  if (const auto it = places_.find(name); it != places_.end()) return Take(it->second);
  if (const auto it = added_.find(name); it != added_.end()) return {&page_[it->second], true};
  return {};
}

SeriesCache::Found SeriesCache::Take(size_t place) {
  Entry& known = last_[place];
  next_ = place + 1;
  if (known.place != kNowhere) return {&page_[known.place], true};
  if (page_.empty()) page_.reserve(last_.size());
  known.place = static_cast<uint32_t>(page_.size());
  page_.push_back({known.name, known.series, kNowhere, known.size, false});
  return {&page_.back(), false};
}

SeriesCache::Entry& SeriesCache::Add(const Hash128& name, size_t size, SeriesRef series) {
  added_.emplace(name, static_cast<uint32_t>(page_.size()));
  const bool fits = size <= std::numeric_limits<uint16_t>::max();
  const auto counted = static_cast<uint16_t>(fits ? size : 0);
  return page_.emplace_back(Entry{name, series, kNowhere, counted, false});
}

std::vector<SeriesRef> SeriesCache::Vanished() const {
  absl::flat_hash_set<SeriesRef> vanished;
  for (const Entry& entry : last_) {
    const bool stays = entry.place != kNowhere && page_[entry.place].alive;
    if (entry.alive && !stays) vanished.insert(entry.series);
  }
  if (vanished.empty()) return {};
  // The same series may be there under other bytes.
  for (const Entry& entry : page_) {
    if (entry.alive) vanished.erase(entry.series);
  }
  std::vector<SeriesRef> out(vanished.begin(), vanished.end());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<SeriesRef> SeriesCache::Alive() const {
  std::vector<SeriesRef> alive;
  for (const Entry& entry : last_) {
    if (entry.alive) alive.push_back(entry.series);
  }
  std::sort(alive.begin(), alive.end());
  alive.erase(std::unique(alive.begin(), alive.end()), alive.end());
  return alive;
}

void SeriesCache::EndPage() {
  last_ = std::move(page_);
  page_ = {};
  if (last_.capacity() > last_.size() + last_.size() / 4) last_.shrink_to_fit();
  next_ = 0;
  places_ = {};
  added_ = {};
}

void SeriesCache::DropPage() {
  for (Entry& entry : last_) entry.place = kNowhere;
  page_ = {};
  next_ = 0;
  places_ = {};
  added_ = {};
}

void SeriesCache::EndAll() {
  DropPage();
  for (Entry& entry : last_) entry.alive = false;
}

void SeriesCache::ForgetNames() {
  for (Entry& entry : last_) {
    entry.name = {};  // equal to no hash, but once in 2^128
    entry.size = 0;
  }
}

void SeriesCache::Clear() { *this = SeriesCache(); }

}  // namespace tidemark::scrape
