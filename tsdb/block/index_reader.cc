#include "tsdb/block/index_reader.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/index_format.h"
#include "tsdb/index/select_postings.h"

namespace tidemark::tsdb {
namespace {

// To learn the values of a few series, reading their labels is cheaper than trying the posting list
// of every value: a series costs about as much as so many lists.
constexpr uint64_t kListsPerSeries = 4;

class SstIndexReader : public IndexReader {
 public:
  SstIndexReader(std::string path, std::unique_ptr<SstReader> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  absl::Status ReadHead();

  uint32_t num_series() const override { return num_series_; }
  absl::StatusOr<PostingSet> Select(std::span<const LabelMatcher> matchers) const override;
  absl::Status ReadLabels(std::span<const uint32_t> numbers, LabelList& out) const override;
  absl::StatusOr<std::vector<std::string>> Names() const override;
  absl::StatusOr<std::vector<std::string>> Values(std::string_view name) const override;
  absl::StatusOr<std::vector<std::string>> NamesOf(const PostingSet& among) const override;
  absl::StatusOr<std::vector<std::string>> ValuesOf(std::string_view name,
                                                    const PostingSet& among) const override;
  absl::StatusOr<std::vector<PairCount>> CountPairs() const override;
  absl::Status Verify() const override;

 private:
  class Source;
  // Called with what follows the prefix in a key, and the value; false ends the walk.
  using Visit = absl::FunctionRef<absl::StatusOr<bool>(std::string_view, std::string_view)>;

  absl::Status Damaged(std::string_view what) const {
    return absl::DataLossError(StrCat("damaged index ", path_, ": ", what));
  }
  // The value under a key; nullopt where there is no such key. Valid until the iterator moves.
  absl::StatusOr<std::optional<std::string_view>> Find(KvIterator& it, std::string_view key) const;
  // All keys that begin with `prefix` from `start` on, which begins so too.
  absl::Status Walk(KvIterator& it, std::string_view prefix, std::string_view start,
                    Visit visit) const;
  absl::StatusOr<PostingList> Decode(std::string_view postings) const;
  absl::StatusOr<NameEntry> ParseName(std::string_view value) const;
  size_t SeriesOnPage(uint32_t page) const {
    return std::min<size_t>(kSeriesPerPage, num_series_ - size_t{page} * kSeriesPerPage);
  }
  absl::Status DecodeLabels(uint32_t page, std::string_view bytes, std::span<const size_t> wanted,
                            LabelList& out) const;
  absl::StatusOr<std::vector<std::string>> ValuesByLabels(std::string_view name,
                                                          const PostingSet& among) const;
  absl::Status RebuildPostings(KvIterator& it, PostingsBuilder& postings) const;
  bool SameEntry(std::string_view key, std::string_view a, std::string_view b) const;

  const std::string path_;
  const std::unique_ptr<SstReader> file_;
  uint32_t num_series_ = 0;
};

absl::Status SstIndexReader::ReadHead() {
  const std::unique_ptr<KvIterator> it = file_->NewIterator();
  ASSIGN_OR_RETURN(std::optional<std::string_view> head, Find(*it, std::string(1, kHeadKey)));
  if (!head) return Damaged("it has no head");
  const std::optional<uint64_t> version = ConsumeVarint(*head);
  if (version && *version > kIndexVersion) {
    return absl::FailedPreconditionError(
        StrCat("index ", path_, " has version ", *version, ", known is ", kIndexVersion));
  }
  const std::optional<uint64_t> num_series = ConsumeVarint(*head);
  if (!version || *version == 0 || !num_series || *num_series == 0 ||
      *num_series > std::numeric_limits<uint32_t>::max() || !head->empty()) {
    return Damaged("its head");
  }
  num_series_ = static_cast<uint32_t>(*num_series);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string_view>> SstIndexReader::Find(KvIterator& it,
                                                                     std::string_view key) const {
  it.Seek(key);
  RETURN_IF_ERROR(it.status());
  if (!it.Valid() || it.key() != key) return std::nullopt;
  return it.value();
}

absl::Status SstIndexReader::Walk(KvIterator& it, std::string_view prefix, std::string_view start,
                                  Visit visit) const {
  for (it.Seek(start); it.Valid() && it.key().starts_with(prefix); it.Next()) {
    ASSIGN_OR_RETURN(const bool go_on, visit(it.key().substr(prefix.size()), it.value()));
    if (!go_on) break;
  }
  return it.status();
}

absl::StatusOr<PostingList> SstIndexReader::Decode(std::string_view postings) const {
  std::optional<PostingList> list = PostingList::Decode(postings, num_series_);
  if (!list) return Damaged("a posting list");
  return *std::move(list);
}

absl::StatusOr<NameEntry> SstIndexReader::ParseName(std::string_view value) const {
  const std::optional<NameEntry> entry = ParseNameEntry(value);
  if (!entry) return Damaged("the entry of a label name");
  return *entry;
}

// The file as SelectPostings sees it.
class SstIndexReader::Source : public PostingSource {
 public:
  explicit Source(const SstIndexReader& reader)
      : reader_(reader), it_(reader.file_->NewIterator()) {}

  PostingSet All() override { return PostingSet::Below(reader_.num_series_); }

  absl::Status Find(const LabelView& label, PostingUnion& out) override {
    ASSIGN_OR_RETURN(const auto postings, reader_.Find(*it_, PairKey(label)));
    return postings ? Add(*postings, out) : absl::OkStatus();
  }

  absl::Status FindName(std::string_view name, PostingUnion& out) override {
    ASSIGN_OR_RETURN(const auto value, reader_.Find(*it_, NameKey(name)));
    if (!value) return absl::OkStatus();
    ASSIGN_OR_RETURN(const NameEntry entry, reader_.ParseName(*value));
    return Add(entry.postings, out);
  }

  absl::Status Scan(std::string_view name, std::string_view prefix,
                    absl::FunctionRef<bool(std::string_view)> keep, PostingUnion& out) override {
    const std::string key = PairKeyPrefix(name);
    const auto visit = [&](std::string_view value,
                           std::string_view postings) -> absl::StatusOr<bool> {
      if (!value.starts_with(prefix)) return false;
      if (keep(value)) RETURN_IF_ERROR(Add(postings, out));
      return true;
    };
    return reader_.Walk(*it_, key, StrCat(key, prefix), visit);
  }

 private:
  absl::Status Add(std::string_view postings, PostingUnion& out) const {
    if (out.AddEncoded(postings, reader_.num_series_)) return absl::OkStatus();
    return reader_.Damaged("a posting list");
  }

  const SstIndexReader& reader_;
  const std::unique_ptr<KvIterator> it_;
};

absl::StatusOr<PostingSet> SstIndexReader::Select(std::span<const LabelMatcher> matchers) const {
  Source source(*this);
  return SelectPostings(source, matchers);
}

absl::Status SstIndexReader::DecodeLabels(uint32_t page, std::string_view bytes,
                                          std::span<const size_t> wanted, LabelList& out) const {
  if (DecodePage(bytes, SeriesOnPage(page), wanted, out)) return absl::OkStatus();
  return Damaged(StrCat("page ", page, " of series"));
}

absl::Status SstIndexReader::ReadLabels(std::span<const uint32_t> numbers, LabelList& out) const {
  out = LabelList();
  if (numbers.empty()) return absl::OkStatus();
  if (numbers.back() >= num_series_) {
    return absl::InternalError(StrCat("no series ", numbers.back(), " in ", path_));
  }
  out.Reserve(numbers.size());
  const std::unique_ptr<KvIterator> it = file_->NewIterator();
  std::vector<size_t> wanted;
  for (size_t i = 0; i < numbers.size();) {
    const uint32_t page = numbers[i] / kSeriesPerPage;
    wanted.clear();
    for (; i < numbers.size() && numbers[i] / kSeriesPerPage == page; ++i) {
      wanted.push_back(numbers[i] % kSeriesPerPage);
    }
    ASSIGN_OR_RETURN(const auto bytes, Find(*it, PageKey(page)));
    if (!bytes) return Damaged(StrCat("page ", page, " of series is missing"));
    RETURN_IF_ERROR(DecodeLabels(page, *bytes, wanted, out));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SstIndexReader::Names() const {
  std::vector<std::string> names;
  const std::string prefix = NameKey("");
  const auto visit = [&](std::string_view name, std::string_view) {
    names.emplace_back(name);
    return true;
  };
  RETURN_IF_ERROR(Walk(*file_->NewIterator(), prefix, prefix, visit));
  return names;
}

absl::StatusOr<std::vector<std::string>> SstIndexReader::Values(std::string_view name) const {
  std::vector<std::string> values;
  const std::string prefix = PairKeyPrefix(name);
  const auto visit = [&](std::string_view value, std::string_view) {
    values.emplace_back(value);
    return true;
  };
  RETURN_IF_ERROR(Walk(*file_->NewIterator(), prefix, prefix, visit));
  return values;
}

absl::StatusOr<std::vector<std::string>> SstIndexReader::NamesOf(const PostingSet& among) const {
  std::vector<std::string> names;
  const std::string prefix = NameKey("");
  const auto visit = [&](std::string_view name, std::string_view value) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const NameEntry entry, ParseName(value));
    ASSIGN_OR_RETURN(const PostingList list, Decode(entry.postings));
    if (among.Intersects(list)) names.emplace_back(name);
    return true;
  };
  RETURN_IF_ERROR(Walk(*file_->NewIterator(), prefix, prefix, visit));
  return names;
}

absl::StatusOr<std::vector<std::string>> SstIndexReader::ValuesByLabels(
    std::string_view name, const PostingSet& among) const {
  LabelList series;
  RETURN_IF_ERROR(ReadLabels(among.ToVector(), series));
  absl::btree_set<std::string> values;
  for (size_t i = 0; i < series.size(); ++i) {
    const LabelSet labels = LabelSet::FromKnownBytes(series[i]);
    if (labels.Has(name)) values.emplace(labels.Get(name));
  }
  return std::vector<std::string>(values.begin(), values.end());
}

absl::StatusOr<std::vector<std::string>> SstIndexReader::ValuesOf(std::string_view name,
                                                                  const PostingSet& among) const {
  std::vector<std::string> values;
  const std::unique_ptr<KvIterator> it = file_->NewIterator();
  ASSIGN_OR_RETURN(const auto found, Find(*it, NameKey(name)));
  if (!found) return values;
  ASSIGN_OR_RETURN(const NameEntry entry, ParseName(*found));
  if (among.size() < entry.num_values / kListsPerSeries) return ValuesByLabels(name, among);

  const std::string prefix = PairKeyPrefix(name);
  const auto visit = [&](std::string_view value,
                         std::string_view postings) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const PostingList list, Decode(postings));
    if (among.Intersects(list)) values.emplace_back(value);
    return true;
  };
  RETURN_IF_ERROR(Walk(*it, prefix, prefix, visit));
  return values;
}

absl::StatusOr<std::vector<IndexReader::PairCount>> SstIndexReader::CountPairs() const {
  std::vector<PairCount> counts;
  const std::string prefix(1, kPairKey);
  const auto visit = [&](std::string_view key, std::string_view postings) -> absl::StatusOr<bool> {
    std::optional<std::string> name = ConsumePairName(key);
    const std::optional<uint64_t> size = PostingEncoder::SizeOf(postings);
    if (!name || !size) return Damaged("the entry of a label pair");
    counts.push_back({*std::move(name), std::string(key), *size});
    return true;
  };
  RETURN_IF_ERROR(Walk(*file_->NewIterator(/*fill_cache=*/false), prefix, prefix, visit));
  return counts;
}

// Reads all pages into `postings` and leaves `it` behind them.
absl::Status SstIndexReader::RebuildPostings(KvIterator& it, PostingsBuilder& postings) const {
  std::vector<size_t> all(kSeriesPerPage);
  std::iota(all.begin(), all.end(), 0);
  it.SeekToFirst();
  for (uint32_t page = 0; postings.num_series() < num_series_; ++page, it.Next()) {
    RETURN_IF_ERROR(it.status());
    if (!it.Valid() || it.key() != PageKey(page)) {
      return Damaged(StrCat("page ", page, " of series is missing"));
    }
    LabelList series;
    const std::span<const size_t> wanted(all.data(), SeriesOnPage(page));
    RETURN_IF_ERROR(DecodeLabels(page, it.value(), wanted, series));
    for (size_t i = 0; i < series.size(); ++i) {
      const LabelSet labels = LabelSet::FromKnownBytes(series[i]);
      if (postings.num_series() > 0 && labels <= postings.last_labels()) {
        return Damaged(StrCat("series ", postings.num_series(), " is out of order"));
      }
      postings.Add(labels);
    }
  }
  return it.status();
}

// Whether two values of a key say the same. Bitmaps may differ in how they say it.
bool SstIndexReader::SameEntry(std::string_view key, std::string_view a, std::string_view b) const {
  if (a == b) return true;
  if (key.starts_with(kNameKey)) {
    const std::optional<NameEntry> x = ParseNameEntry(a), y = ParseNameEntry(b);
    if (!x || !y || x->num_values != y->num_values) return false;
    a = x->postings;
    b = y->postings;
  }
  const auto x = PostingList::Decode(a, num_series_), y = PostingList::Decode(b, num_series_);
  return x && y && PostingSet(*x) == PostingSet(*y);
}

absl::Status SstIndexReader::Verify() const {
  RETURN_IF_ERROR(file_->VerifyChecksums());
  const std::unique_ptr<KvIterator> it = file_->NewIterator(/*fill_cache=*/false);
  PostingsBuilder postings;
  RETURN_IF_ERROR(RebuildPostings(*it, postings));
  const auto compare = [&](std::string_view key, std::string_view value) {
    if (!it->Valid() || it->key() != key || !SameEntry(key, it->value(), value)) {
      return it->status().ok() ? Damaged("its postings contradict its series") : it->status();
    }
    it->Next();
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(postings.ForEach(compare));
  RETURN_IF_ERROR(it->status());
  return it->Valid() ? Damaged("bytes are left over") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<IndexReader>> IndexReader::Open(const std::string& path,
                                                               std::shared_ptr<BlockCache> cache) {
  ASSIGN_OR_RETURN(std::unique_ptr<SstReader> file, SstReader::Open(path, std::move(cache)));
  auto reader = std::make_unique<SstIndexReader>(path, std::move(file));
  RETURN_IF_ERROR(reader->ReadHead());
  return reader;
}

}  // namespace tidemark::tsdb
