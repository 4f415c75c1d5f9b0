#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::tsdb {

class PostingSet;
class PostingUnion;

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
  // Adds ascending numbers, all of them beyond what is in the list. Cost: a few nanoseconds each.
  void Append(std::span<const uint32_t> series);
  void Remove(uint32_t series);
  size_t size() const;

  // What PostingEncoder made; all numbers are below `num_series`. Nullopt where the bytes cannot be
  // that.
  static std::optional<PostingList> Decode(std::string_view bytes, uint32_t num_series);

 private:
  friend class PostingSet;
  friend class PostingUnion;
  struct Bitmap;
  static PostingList Of(std::vector<uint32_t> ascending);
  void MakeBitmap();

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

  static PostingSet Below(uint32_t num_series);  // 0 and all that follow

  void IntersectWith(const PostingUnion& other);
  void Subtract(const PostingUnion& other);
  bool Intersects(const PostingList& list) const;

  bool empty() const;
  size_t size() const;
  uint32_t min() const;  // of a set that is not empty, as max
  uint32_t max() const;
  std::vector<uint32_t> ToVector() const;  // ascending
  // Those for which `keep` holds.
  PostingSet Filter(const std::function<bool(uint32_t)>& keep) const;
  friend bool operator==(const PostingSet& a, const PostingSet& b);

 private:
  friend class PostingUnion;
  std::unique_ptr<PostingList::Bitmap> bitmap_;
};

// Posting lists on their way to becoming one set. One thread.
class PostingUnion {
 public:
  PostingUnion();
  // For a use with a set of which no number lies outside [min, max]: those outside may be left out.
  PostingUnion(uint32_t min, uint32_t max) : PostingUnion() {
    min_ = min;
    max_ = max;
  }
  ~PostingUnion();
  PostingUnion(PostingUnion&&) noexcept;
  PostingUnion& operator=(PostingUnion&&) noexcept;

  void Add(const PostingList& list);  // which outlives this
  // A list that PostingEncoder made, its numbers below `num_series`. False where the bytes cannot
  // be that.
  bool AddEncoded(std::string_view bytes, uint32_t num_series);

  size_t size_bound() const;  // no smaller than the set
  PostingSet ToSet() const;

 private:
  friend class PostingSet;
  uint32_t min_ = 0, max_ = UINT32_MAX;
  std::vector<uint32_t> few_;  // of all lists that are not bitmaps, in any order
  std::vector<const PostingList::Bitmap*> many_;
  std::vector<std::unique_ptr<PostingList::Bitmap>> owned_;  // those of many_ that came encoded
};

// Collects one posting list in the form it has in files, a byte or two per number:
// docs/storage-format.md. One thread.
class PostingEncoder {
 public:
  void Add(uint32_t series);  // ascending, each once
  uint32_t size() const { return size_; }
  void AppendTo(std::string* out) const;  // not empty

  // How many numbers an encoded list claims to have; nullopt where the bytes cannot be one.
  static std::optional<uint64_t> SizeOf(std::string_view bytes);

 private:
  std::string deltas_;
  uint32_t size_ = 0, next_ = 0;
};

}  // namespace tidemark::tsdb
