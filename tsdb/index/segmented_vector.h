#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace tidemark::tsdb {

// A vector whose elements never move: they live in segments of a fixed number, and the table of
// segments is reserved once (its pages become resident only where they are used). So an element may
// be read by one thread while another appends, provided that its own construction happened before
// the read, by any lock both took. Appending is for one thread at a time.
template <typename T>
class SegmentedVector {
 public:
  static constexpr size_t kSegmentSize = 4096;         // elements
  static constexpr size_t kMaxSize = size_t{1} << 32;  // elements

  SegmentedVector() : segments_(static_cast<T**>(std::calloc(kMaxSegments, sizeof(T*)))) {
    if (segments_ == nullptr) throw std::bad_alloc();
  }
  ~SegmentedVector() {
    for (size_t i = 0; i < size_; ++i) (*this)[i].~T();
    for (size_t s = 0; s < kMaxSegments && segments_[s] != nullptr; ++s) Free(segments_[s]);
    std::free(segments_);
  }
  SegmentedVector(const SegmentedVector&) = delete;
  SegmentedVector& operator=(const SegmentedVector&) = delete;

  T& operator[](size_t i) { return segments_[i / kSegmentSize][i % kSegmentSize]; }
  const T& operator[](size_t i) const { return segments_[i / kSegmentSize][i % kSegmentSize]; }

  // size() < kMaxSize.
  template <typename... Args>
  T& emplace_back(Args&&... args) {
    T*& segment = segments_[size_ / kSegmentSize];
    if (segment == nullptr) segment = Allocate();
    T* element = new (segment + size_ % kSegmentSize) T(std::forward<Args>(args)...);
    ++size_;
    return *element;
  }

  // For the thread that appends, or under the lock it appends under.
  size_t size() const { return size_; }

 private:
  static constexpr size_t kMaxSegments = kMaxSize / kSegmentSize;

  static T* Allocate() {
    return static_cast<T*>(::operator new (kSegmentSize * sizeof(T), std::align_val_t{alignof(T)}));
  }
  static void Free(T* segment) { ::operator delete (segment, std::align_val_t{alignof(T)}); }

  T** segments_;
  size_t size_ = 0;
};

}  // namespace tidemark::tsdb
