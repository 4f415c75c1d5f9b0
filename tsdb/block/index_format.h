#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "base/labels/label_list.h"
#include "base/labels/label_set.h"
#include "tsdb/index/posting_list.h"
#include "tsdb/index/symbol_table.h"

// The bytes of index.sst, for its writer and its reader only: docs/storage-format.md.
namespace tidemark::tsdb {

inline constexpr uint64_t kIndexVersion = 1;
// On one page; large enough that pages compress on their own, small enough to read for one series.
inline constexpr uint32_t kSeriesPerPage = 64;

// Keys. The first byte keeps the kinds apart; within one they sort as what they name.
inline constexpr char kPageKey = 1, kNameKey = 2, kPairKey = 3, kHeadKey = 4;
std::string PageKey(uint32_t page);
std::string NameKey(std::string_view name);
// What the keys of all pairs of a name begin with; the rest is the value.
std::string PairKeyPrefix(std::string_view name);
inline std::string PairKey(const LabelView& label) {
  return PairKeyPrefix(label.name).append(label.value);
}
// The name that a key of a pair, less its first byte, begins with, and drops it from `key`.
std::optional<std::string> ConsumePairName(std::string_view& key);

// Labels of up to kSeriesPerPage series in order. One thread.
class PageEncoder {
 public:
  void Add(std::span<const SymbolTable::PairId> labels);
  size_t size() const { return size_; }
  // The page so far, which is then empty again. `symbols` is where the numbers come from.
  std::string Finish(const SymbolTable& symbols);

 private:
  std::vector<SymbolTable::PairId> dictionary_, last_;
  std::string series_;
  size_t size_ = 0;
};

// Appends the labels of the series at the places `wanted`, which ascend, of a page of `num_series`.
// False where the bytes cannot be such a page.
bool DecodePage(std::string_view page, size_t num_series, std::span<const size_t> wanted,
                LabelList& out);

// Who has which label, collected while series come by. Memory: each label pair once, and a byte or
// two per series and label. One thread.
class PostingsBuilder {
 public:
  // The numbers of the labels of the next series; valid until the next call.
  std::span<const SymbolTable::PairId> Add(const LabelSet& labels);
  uint32_t num_series() const { return num_series_; }
  const LabelSet& last_labels() const { return last_labels_; }  // of the series before
  const SymbolTable& symbols() const { return symbols_; }
  // All keys and values but those of pages, ascending. An error ends it.
  absl::Status ForEach(
      absl::FunctionRef<absl::Status(std::string_view key, std::string_view value)> put) const;

 private:
  struct Name {
    PostingEncoder series;
    uint32_t num_values = 0;
  };
  void AppendNameValue(const Name& name, std::string* value) const;

  SymbolTable symbols_;
  std::vector<PostingEncoder> pairs_;  // by PairId
  std::vector<Name> names_;            // by NameId
  LabelSet last_labels_;
  std::vector<SymbolTable::PairId> last_ids_;
  uint32_t num_series_ = 0;
};

// The value under a name's key.
struct NameEntry {
  uint64_t num_values = 0;
  std::string_view postings;  // of the series that have it, encoded
};
std::optional<NameEntry> ParseNameEntry(std::string_view value);

}  // namespace tidemark::tsdb
