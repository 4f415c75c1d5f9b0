#include "tsdb/block/index_format.h"

#include <algorithm>
#include <numeric>

#include "base/io/varint.h"
#include "base/status_macros.h"

namespace tidemark::tsdb {
namespace {

using PairId = SymbolTable::PairId;

// In keys a name ends with two bytes that sort before all that may follow it in a longer name, in
// which a zero byte is written as two.
constexpr std::string_view kNameEnd("\0\1", 2), kZeroInName("\0\xff", 2);

size_t CommonPrefix(std::span<const PairId> a, std::span<const PairId> b) {
  return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
}

struct PagePair {
  std::string_view encoded;  // as it stands in LabelSet::bytes()
  std::string_view name;
};

// Of a page: the pairs.
std::optional<std::vector<PagePair>> ConsumeDictionary(std::string_view& page) {
  const std::optional<uint64_t> size = ConsumeVarint(page);
  if (!size || *size > page.size()) return std::nullopt;
  std::vector<PagePair> pairs(*size);
  for (PagePair& pair : pairs) {
    const std::string_view from = page;
    const auto name = ConsumeLengthPrefixed(page);
    const auto value = name ? ConsumeLengthPrefixed(page) : std::nullopt;
    if (!value || value->empty()) return std::nullopt;
    pair = {from.substr(0, from.size() - page.size()), *name};
  }
  return pairs;
}

// Whether the names ascend strictly from the pair at `from` on, those before it known to.
bool NamesAscend(std::span<const PairId> ids, size_t from, std::span<const PagePair> dictionary) {
  for (size_t i = std::max<size_t>(from, 1); i < ids.size(); ++i) {
    if (dictionary[ids[i]].name <= dictionary[ids[i - 1]].name) return false;
  }
  return true;
}

// Replaces what follows the shared labels of `ids` by those that come next on the page.
bool ConsumeIds(std::string_view& page, std::span<const PagePair> dictionary,
                std::vector<PairId>& ids) {
  const std::optional<uint64_t> shared = ConsumeVarint(page);
  const std::optional<uint64_t> more = shared ? ConsumeVarint(page) : std::nullopt;
  if (!more || *shared > ids.size() || *more > page.size()) return false;
  ids.resize(*shared);
  for (uint64_t i = 0; i < *more; ++i) {
    const std::optional<uint64_t> id = ConsumeVarint(page);
    if (!id || *id >= dictionary.size()) return false;
    ids.push_back(static_cast<PairId>(*id));
  }
  return NamesAscend(ids, *shared, dictionary);
}

}  // namespace

std::string PageKey(uint32_t page) {
  std::string key(1, kPageKey);
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(page >> shift));
  return key;
}

std::string NameKey(std::string_view name) { return std::string(1, kNameKey).append(name); }

std::string PairKeyPrefix(std::string_view name) {
  std::string key(1, kPairKey);
  for (const char c : name) {
    if (c == '\0') {
      key.append(kZeroInName);
    } else {
      key.push_back(c);
    }
  }
  return key.append(kNameEnd);
}

std::optional<std::string> ConsumePairName(std::string_view& key) {
  std::string name;
  while (true) {
    const size_t zero = key.find('\0');
    if (zero == std::string_view::npos) return std::nullopt;
    name.append(key.substr(0, zero));
    key.remove_prefix(zero);
    const bool ends = key.starts_with(kNameEnd);
    if (!ends && !key.starts_with(kZeroInName)) return std::nullopt;
    key.remove_prefix(kNameEnd.size());
    if (ends) return name;
    name.push_back('\0');
  }
}

void PageEncoder::Add(std::span<const PairId> labels) {
  const size_t shared = CommonPrefix(labels, last_);
  AppendVarint(shared, &series_);
  AppendVarint(labels.size() - shared, &series_);
  for (const PairId id : labels.subspan(shared)) {
    // Some tens of pairs, the wanted one mostly among the last.
    const auto found = std::find(dictionary_.rbegin(), dictionary_.rend(), id);
    const size_t at = dictionary_.rend() - found;
    AppendVarint(at > 0 ? at - 1 : dictionary_.size(), &series_);
    if (at == 0) dictionary_.push_back(id);
  }
  last_.assign(labels.begin(), labels.end());
  ++size_;
}

std::string PageEncoder::Finish(const SymbolTable& symbols) {
  std::string page;
  AppendVarint(dictionary_.size(), &page);
  for (const PairId id : dictionary_) {
    const LabelView label = symbols.pair(id);
    AppendLengthPrefixed(label.name, &page);
    AppendLengthPrefixed(label.value, &page);
  }
  page.append(series_);
  *this = PageEncoder();
  return page;
}

bool DecodePage(std::string_view page, size_t num_series, std::span<const size_t> wanted,
                LabelList& out) {
  const size_t page_bytes = page.size();
  const auto dictionary = ConsumeDictionary(page);
  if (!dictionary) return false;
  std::vector<PairId> ids;
  for (size_t i = 0; i < num_series; ++i) {
    if (!ConsumeIds(page, *dictionary, ids)) return false;
    if (wanted.empty() || i != wanted.front()) continue;
    wanted = wanted.subspan(1);
    for (const PairId id : ids) out.AppendEncoded((*dictionary)[id].encoded);
    // No pair is twice in a label set, so it is smaller than the dictionary.
    if (out.open_bytes() > page_bytes) return false;
    out.EndSet();
  }
  return page.empty() && wanted.empty();
}

std::span<const PairId> PostingsBuilder::Add(const LabelSet& labels) {
  // In label order most labels are those of the series before, whose numbers are known.
  size_t shared = 0;
  auto last = last_labels_.begin();
  bool same = true;
  for (const LabelView& label : labels) {
    same = same && last != last_labels_.end() && *last == label;
    if (same) {
      ++shared;
      ++last;
      continue;
    }
    last_ids_.resize(shared);
    last_ids_.push_back(symbols_.Intern(label));
    ++shared;
  }
  last_ids_.resize(shared);
  last_labels_ = labels;
  pairs_.resize(symbols_.num_pairs());
  names_.resize(symbols_.num_names());
  for (const PairId id : last_ids_) {
    Name& name = names_[symbols_.name_of(id)];
    name.num_values += pairs_[id].size() == 0;
    name.series.Add(num_series_);
    pairs_[id].Add(num_series_);
  }
  ++num_series_;
  return last_ids_;
}

void PostingsBuilder::AppendNameValue(const Name& name, std::string* value) const {
  AppendVarint(name.num_values, value);
  name.series.AppendTo(value);
}

absl::Status PostingsBuilder::ForEach(
    absl::FunctionRef<absl::Status(std::string_view, std::string_view)> put) const {
  std::string value;
  std::vector<SymbolTable::NameId> names(names_.size());
  std::iota(names.begin(), names.end(), 0);
  std::sort(names.begin(), names.end(),
            [&](auto a, auto b) { return symbols_.name(a) < symbols_.name(b); });
  for (const SymbolTable::NameId id : names) {
    value.clear();
    AppendNameValue(names_[id], &value);
    RETURN_IF_ERROR(put(NameKey(symbols_.name(id)), value));
  }
  std::vector<PairId> pairs(pairs_.size());
  std::iota(pairs.begin(), pairs.end(), 0);
  std::sort(pairs.begin(), pairs.end(), [&](PairId a, PairId b) {
    const LabelView x = symbols_.pair(a), y = symbols_.pair(b);
    return symbols_.name_of(a) != symbols_.name_of(b) ? x.name < y.name : x.value < y.value;
  });
  for (const PairId id : pairs) {
    value.clear();
    pairs_[id].AppendTo(&value);
    RETURN_IF_ERROR(put(PairKey(symbols_.pair(id)), value));
  }
  value.clear();
  AppendVarint(kIndexVersion, &value);
  AppendVarint(num_series_, &value);
  return put(std::string(1, kHeadKey), value);
}

std::optional<NameEntry> ParseNameEntry(std::string_view value) {
  const std::optional<uint64_t> num_values = ConsumeVarint(value);
  if (!num_values || *num_values == 0) return std::nullopt;
  return NameEntry{*num_values, value};
}

}  // namespace tidemark::tsdb
