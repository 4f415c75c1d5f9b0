#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace tidemark::tsdb {

class PostingSet;

// The numbers of the series that carry one label pair, ascending, each once. A short list is a
// plain array, a long one a Roaring bitmap (CRoaring behind it): unique values, such as an
// identifier in a label, stay cheap. Thread-compatible.
class PostingList {
 public:
  PostingList();
  ~PostingList();
  PostingList(PostingList&&) noexcept;
  PostingList& operator=(PostingList&&) noexcept;

  void Add(uint32_t series);
  void Remove(uint32_t series);
  size_t size() const;

 private:
  friend class PostingSet;
  struct Bitmap;
  std::vector<uint32_t> few_;  // sorted; empty where many_ is set
  std::unique_ptr<Bitmap> many_;
};

// A set of series numbers as a query works with it. Thread-compatible.
class PostingSet {
 public:
  PostingSet();
  explicit PostingSet(const PostingList& list);
  ~PostingSet();
  PostingSet(PostingSet&&) noexcept;
  PostingSet& operator=(PostingSet&&) noexcept;

  static PostingSet UnionOf(const std::vector<const PostingList*>& lists);

  void IntersectWith(const PostingList& list);
  void IntersectWith(const PostingSet& other);
  void Subtract(const PostingSet& other);
  bool Intersects(const PostingList& list) const;

  bool empty() const;
  size_t size() const;
  std::vector<uint32_t> ToVector() const;  // ascending
  // Those for which `keep` holds.
  PostingSet Filter(const std::function<bool(uint32_t)>& keep) const;

 private:
  std::unique_ptr<PostingList::Bitmap> bitmap_;
};

}  // namespace tidemark::tsdb
