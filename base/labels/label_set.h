#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark {

inline constexpr std::string_view kMetricName = "__name__";

struct LabelView {
  std::string_view name, value;
  friend bool operator==(const LabelView&, const LabelView&) = default;
};

// The labels of a series: pairs sorted by name, names unique, no empty values (an empty value means
// that the label is absent). `__name__` is a label like any other. Any bytes may be in names and
// values. Immutable and one allocation: the pairs stand one after another as varint length and
// bytes, name then value, so equality and hashing are those of one string. Thread-compatible.
class LabelSet {
 public:
  class Iterator {
   public:
    using value_type = LabelView;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const LabelView*;
    using reference = const LabelView&;

    Iterator() = default;
    explicit Iterator(std::string_view rest) : rest_(rest) { Advance(); }
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }
    Iterator& operator++() {
      Advance();
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      Advance();
      return old;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.current_.name.data() == b.current_.name.data();
    }

   private:
    void Advance();

    std::string_view rest_;  // what follows current_
    LabelView current_;      // a null name is the end
  };
  using const_iterator = Iterator;

  LabelSet() = default;
  // In any order; of two equal names the later wins, empty values are left out.
  LabelSet(std::initializer_list<std::pair<std::string_view, std::string_view>> labels);
  // `bytes()` of another set. DataLoss where they are not.
  static absl::StatusOr<LabelSet> FromBytes(std::string bytes);
  // The same of bytes that are known to be such.
  static LabelSet FromKnownBytes(std::string_view bytes) {
    LabelSet labels;
    labels.bytes_ = bytes;
    return labels;
  }

  Iterator begin() const { return Iterator(bytes_); }
  Iterator end() const { return Iterator(); }
  bool empty() const { return bytes_.empty(); }
  size_t size() const;  // pairs; linear

  // The value of a label, empty where the label is absent. Linear.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const { return !Get(name).empty(); }
  std::string_view metric_name() const { return Get(kMetricName); }

  // The encoding above; the same for equal sets on every machine and in every version.
  std::string_view bytes() const { return bytes_; }
  uint64_t StableHash() const;

  // `name{a="b", c="d"}` as Prometheus prints a metric; `{}` where there is nothing.
  std::string ToString() const;

  friend bool operator==(const LabelSet&, const LabelSet&) = default;
  // Prometheus's order: pair by pair, name before value, byte-wise; a prefix comes first.
  friend std::strong_ordering operator<=>(const LabelSet& a, const LabelSet& b);
  template <typename H>
  friend H AbslHashValue(H state, const LabelSet& labels) {
    return H::combine(std::move(state), labels.StableHash());
  }

 private:
  friend class LabelSetBuilder;
  std::string bytes_;
};

// Collects labels and makes a LabelSet. Reusable: Build leaves the builder as it was. One thread.
class LabelSetBuilder {
 public:
  LabelSetBuilder() = default;
  explicit LabelSetBuilder(const LabelSet& base) { Reset(base); }

  void Reset() { labels_.clear(); }
  void Reset(const LabelSet& base);

  // An empty value deletes the label.
  void Set(std::string_view name, std::string_view value);
  void Delete(std::string_view name) { Set(name, ""); }
  std::string_view Get(std::string_view name) const;

  // The pairs set so far, sorted by name. Valid until the next call that is not const.
  const std::vector<std::pair<std::string, std::string>>& labels() const { return labels_; }

  LabelSet Build() const;

 private:
  std::vector<std::pair<std::string, std::string>> labels_;  // sorted by name, no empty values
};

// The order of two sets in their encoded form.
std::strong_ordering CompareEncodedLabels(std::string_view a, std::string_view b);

// The labels of a set in its encoded form, for a range-based for.
class EncodedLabels {
 public:
  explicit EncodedLabels(std::string_view bytes) : bytes_(bytes) {}
  LabelSet::Iterator begin() const { return LabelSet::Iterator(bytes_); }
  LabelSet::Iterator end() const { return LabelSet::Iterator(); }

 private:
  std::string_view bytes_;
};

// Which labels a grouping (`by`, `on`) keeps, or a `without`, `ignoring` drops.
LabelSet KeepLabels(const LabelSet& labels, const std::vector<std::string>& names);
LabelSet KeepLabels(std::string_view encoded, const std::vector<std::string>& names);
LabelSet DropLabels(const LabelSet& labels, const std::vector<std::string>& names);
LabelSet DropMetricName(const LabelSet& labels);

// `[a-zA-Z_][a-zA-Z0-9_]*`, and the same with colons for metrics: what needs no quotes in PromQL.
bool IsLegacyLabelName(std::string_view name);
bool IsLegacyMetricName(std::string_view name);
bool IsValidUtf8(std::string_view text);

// Appends `text` in double quotes with Go's escapes.
void AppendQuoted(std::string_view text, std::string* out);

}  // namespace tidemark
