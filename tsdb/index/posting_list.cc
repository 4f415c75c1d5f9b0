#include "tsdb/index/posting_list.h"

#include <algorithm>

#include <roaring/roaring.hh>

namespace tidemark::tsdb {
namespace {

// Where a bitmap becomes smaller than the array, its fixed cost included.
constexpr size_t kMaxFew = 64;

}  // namespace

struct PostingList::Bitmap {
  Roaring set;
};

PostingList::PostingList() = default;
PostingList::~PostingList() = default;
PostingList::PostingList(PostingList&&) noexcept = default;
PostingList& PostingList::operator=(PostingList&&) noexcept = default;

void PostingList::Add(uint32_t series) {
  if (many_ != nullptr) {
    many_->set.add(series);
    return;
  }
  const auto at = std::lower_bound(few_.begin(), few_.end(), series);
  if (at != few_.end() && *at == series) return;
  if (few_.size() < kMaxFew) {
    few_.insert(at, series);
    return;
  }
  many_ = std::make_unique<Bitmap>();
  many_->set.addMany(few_.size(), few_.data());
  many_->set.add(series);
  std::vector<uint32_t>().swap(few_);
}

void PostingList::Remove(uint32_t series) {
  if (many_ != nullptr) {
    many_->set.remove(series);
    return;
  }
  const auto at = std::lower_bound(few_.begin(), few_.end(), series);
  if (at != few_.end() && *at == series) few_.erase(at);
}

size_t PostingList::size() const {
  return many_ != nullptr ? many_->set.cardinality() : few_.size();
}

PostingSet::PostingSet() : bitmap_(std::make_unique<PostingList::Bitmap>()) {}
PostingSet::PostingSet(const PostingList& list) : PostingSet() {
  if (list.many_ != nullptr) {
    bitmap_->set = list.many_->set;
  } else {
    bitmap_->set.addMany(list.few_.size(), list.few_.data());
  }
}
PostingSet::~PostingSet() = default;
PostingSet::PostingSet(PostingSet&&) noexcept = default;
PostingSet& PostingSet::operator=(PostingSet&&) noexcept = default;

PostingSet PostingSet::UnionOf(const std::vector<const PostingList*>& lists) {
  std::vector<uint32_t> few;
  std::vector<const Roaring*> many;
  for (const PostingList* list : lists) {
    if (list->many_ != nullptr) {
      many.push_back(&list->many_->set);
    } else {
      few.insert(few.end(), list->few_.begin(), list->few_.end());
    }
  }
  PostingSet result;
  if (!many.empty()) result.bitmap_->set = Roaring::fastunion(many.size(), many.data());
  std::sort(few.begin(), few.end());  // bulk insertion is fast for ascending numbers
  result.bitmap_->set.addMany(few.size(), few.data());
  return result;
}

void PostingSet::IntersectWith(const PostingList& list) {
  if (list.many_ != nullptr) {
    bitmap_->set &= list.many_->set;
  } else {
    IntersectWith(PostingSet(list));
  }
}
void PostingSet::IntersectWith(const PostingSet& other) { bitmap_->set &= other.bitmap_->set; }
void PostingSet::Subtract(const PostingSet& other) { bitmap_->set -= other.bitmap_->set; }

bool PostingSet::Intersects(const PostingList& list) const {
  if (list.many_ != nullptr) return bitmap_->set.intersect(list.many_->set);
  return std::any_of(list.few_.begin(), list.few_.end(),
                     [&](uint32_t series) { return bitmap_->set.contains(series); });
}

bool PostingSet::empty() const { return bitmap_->set.isEmpty(); }
size_t PostingSet::size() const { return bitmap_->set.cardinality(); }

std::vector<uint32_t> PostingSet::ToVector() const {
  std::vector<uint32_t> series(size());
  bitmap_->set.toUint32Array(series.data());
  return series;
}

PostingSet PostingSet::Filter(const std::function<bool(uint32_t)>& keep) const {
  std::vector<uint32_t> kept = ToVector();
  std::erase_if(kept, [&](uint32_t series) { return !keep(series); });
  PostingSet result;
  result.bitmap_->set.addMany(kept.size(), kept.data());
  return result;
}

}  // namespace tidemark::tsdb
