#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/io/varint.h"
#include "base/labels/label_set.h"

namespace tidemark {

// Many label sets in one piece of memory, each as LabelSet::bytes() has it: what a selection of
// 100,000 series holds instead of as many strings. Thread-compatible.
class LabelList {
 public:
  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  // Of a set that is whole; valid until the list changes.
  std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

  void Reserve(size_t sets) { ends_.reserve(sets); }
  void Add(const LabelSet& labels) {
    AppendEncoded(labels.bytes());
    EndSet();
  }
  // The next set, label by label, ascending by name; `encoded` as it stands in LabelSet::bytes().
  void AppendEncoded(std::string_view encoded) { bytes_.append(encoded); }
  void AppendPair(std::string_view name, std::string_view value) {
    AppendLengthPrefixed(name, &bytes_);
    AppendLengthPrefixed(value, &bytes_);
  }
  // Of the set that has begun.
  size_t open_bytes() const { return bytes_.size() - (ends_.empty() ? 0 : ends_.back()); }
  void EndSet() { ends_.push_back(bytes_.size()); }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

}  // namespace tidemark
