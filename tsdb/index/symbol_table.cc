#include "tsdb/index/symbol_table.h"

#include <algorithm>
#include <cstring>

#include "base/io/hash.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kArenaBytes = 64 * 1024;

size_t HashOf(uint32_t name, std::string_view value) {
  return StableHash64(value) ^ (uint64_t{name} * 0x9e3779b97f4a7c15u);
}

}  // namespace

size_t SymbolTable::PairHash::operator()(const Key& key) const {
  return HashOf(key.name, key.value);
}
size_t SymbolTable::PairHash::operator()(PairId id) const {
  const Pair& p = (*pairs)[id];
  return HashOf(p.name, {p.value, p.value_size});
}
bool SymbolTable::PairEq::operator()(PairId id, const Key& key) const {
  const Pair& p = (*pairs)[id];
  return p.name == key.name && std::string_view(p.value, p.value_size) == key.value;
}

SymbolTable::SymbolTable() : pair_ids_(0, PairHash{&pairs_}, PairEq{&pairs_}) {}

SymbolTable::PairId SymbolTable::Intern(const LabelView& label) {
  NameId name = 0;
  if (const auto found = name_ids_.find(label.name); found != name_ids_.end()) {
    name = found->second;
  } else {
    name = static_cast<NameId>(names_.size());
    name_ids_.emplace(names_.emplace_back(Keep(label.name)), name);
  }
  if (const auto found = pair_ids_.find(Key{name, label.value}); found != pair_ids_.end()) {
    ++num_uses_[*found];
    return *found;
  }
  const std::string_view value = KeepValue(label.value);
  const Pair pair{value.data(), static_cast<uint32_t>(value.size()), name};
  auto id = static_cast<PairId>(pairs_.size());
  if (free_pairs_.empty()) {
    pairs_.emplace_back(pair);
    num_uses_.emplace_back(1);
  } else {
    id = free_pairs_.back();
    free_pairs_.pop_back();
    pairs_[id] = pair;
    num_uses_[id] = 1;
  }
  pair_ids_.insert(id);
  return id;
}

void SymbolTable::Release(PairId id) {
  if (--num_uses_[id] > 0) return;
  pair_ids_.erase(id);
  const Pair& pair = pairs_[id];
  free_values_[pair.value_size].push_back(const_cast<char*>(pair.value));
  free_pairs_.push_back(id);
}

std::string_view SymbolTable::KeepValue(std::string_view value) {
  const auto it = free_values_.find(value.size());
  if (it == free_values_.end() || it->second.empty()) return Keep(value);
  char* kept = it->second.back();
  it->second.pop_back();
  if (!value.empty()) std::memcpy(kept, value.data(), value.size());
  return {kept, value.size()};
}

std::string_view SymbolTable::Keep(std::string_view bytes) {
  if (bytes.size() > arena_left_) {
    const size_t size = std::max(kArenaBytes, bytes.size());
    arena_.push_back(std::unique_ptr<char[]>(new char[size]));
    arena_next_ = arena_.back().get();
    arena_left_ = size;
  }
  char* kept = arena_next_;
  if (!bytes.empty()) std::memcpy(kept, bytes.data(), bytes.size());
  arena_next_ += bytes.size();
  arena_left_ -= bytes.size();
  return {kept, bytes.size()};
}

}  // namespace tidemark::tsdb
