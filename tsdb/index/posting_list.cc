#include "tsdb/index/posting_list.h"

#include <algorithm>
#include <bit>

#include <roaring/roaring.hh>

#include "base/io/varint.h"
#include "tsdb/index/roaring_format.h"

namespace tidemark::tsdb {
namespace {

// Where a bitmap becomes smaller than the array, its fixed cost included.
constexpr size_t kMaxFew = 64;
// In a file: below it deltas are small and quick enough, and compress better.
constexpr uint32_t kMaxDeltas = 4096;
// Sorting a number takes as long as going through so many numbers' bits.
constexpr uint32_t kBitsPerSort = 512;

// An encoded posting list (v = varint):
//   v  twice how many numbers there are, at least one; plus 1 where they are a bitmap
//   .  deltas: for each number v how many are left out since the one before;
//      or the bitmap in Roaring's portable format
struct Encoded {
  uint64_t size = 0;
  bool is_bitmap = false;
  std::string_view rest;
};

std::optional<Encoded> ParseEncoded(std::string_view bytes) {
  const std::optional<uint64_t> head = ConsumeVarint(bytes);
  // A number takes a byte, unless it is in a bitmap.
  if (!head || *head < 2 || (*head % 2 == 0 && *head / 2 > bytes.size())) return std::nullopt;
  return Encoded{*head / 2, *head % 2 == 1, bytes};
}

// Appends to `out` those numbers in [min, max] that the deltas stand for; false where they cannot
// be deltas.
bool DecodeDeltas(const Encoded& encoded, uint64_t num_series, uint32_t min, uint32_t max,
                  std::vector<uint32_t>& out) {
  std::string_view rest = encoded.rest;
  uint64_t next = 0;
  for (uint64_t i = 0; i < encoded.size; ++i) {
    const std::optional<uint64_t> gap = ConsumeVarint(rest);
    if (!gap || *gap >= num_series || next + *gap >= num_series) return false;
    next += *gap + 1;
    if (next > min && next - 1 <= max) out.push_back(static_cast<uint32_t>(next - 1));
  }
  return rest.empty();
}

std::optional<Roaring> DecodeBitmap(const Encoded& encoded, uint64_t num_series) {
  const std::optional<RoaringContents> contents = CheckRoaring(encoded.rest);
  if (!contents || contents->count != encoded.size || contents->last >= num_series) {
    return std::nullopt;
  }
  return Roaring::readSafe(encoded.rest.data(), encoded.rest.size());
}

// The numbers in ascending order, each once.
std::vector<uint32_t> SortedOnce(std::vector<uint32_t> numbers) {
  const auto greatest = std::max_element(numbers.begin(), numbers.end());
  if (greatest == numbers.end() || *greatest / kBitsPerSort > numbers.size()) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
  }
  std::vector<uint64_t> words(*greatest / 64 + 1);
  for (const uint32_t n : numbers) words[n / 64] |= uint64_t{1} << (n % 64);
  numbers.clear();
  for (size_t i = 0; i < words.size(); ++i) {
    for (uint64_t word = words[i]; word != 0; word &= word - 1) {
      numbers.push_back(static_cast<uint32_t>(64 * i + std::countr_zero(word)));
    }
  }
  return numbers;
}

Roaring BitmapOf(const std::vector<uint32_t>& ascending) {
  return Roaring(ascending.size(), ascending.data());
}

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
  MakeBitmap();
  many_->set.add(series);
}

void PostingList::Append(std::span<const uint32_t> series) {
  if (series.empty()) return;
  if (many_ == nullptr) {
    if (few_.size() + series.size() <= kMaxFew) {
      few_.insert(few_.end(), series.begin(), series.end());
      return;
    }
    MakeBitmap();
  }
  if (series.back() - series.front() == series.size() - 1) {
    many_->set.addRange(series.front(), uint64_t{series.back()} + 1);
  } else {
    many_->set.addMany(series.size(), series.data());
  }
}

void PostingList::MakeBitmap() {
  many_ = std::make_unique<Bitmap>();
  many_->set.addMany(few_.size(), few_.data());
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

PostingList PostingList::Of(std::vector<uint32_t> ascending) {
  PostingList list;
  if (ascending.size() <= kMaxFew) {
    list.few_ = std::move(ascending);
  } else {
    list.many_ = std::make_unique<Bitmap>(BitmapOf(ascending));
  }
  return list;
}

std::optional<PostingList> PostingList::Decode(std::string_view bytes, uint32_t num_series) {
  const std::optional<Encoded> encoded = ParseEncoded(bytes);
  if (!encoded) return std::nullopt;
  if (encoded->is_bitmap) {
    std::optional<Roaring> bitmap = DecodeBitmap(*encoded, num_series);
    if (!bitmap) return std::nullopt;
    PostingList list;
    list.many_ = std::make_unique<Bitmap>(*std::move(bitmap));
    return list;
  }
  std::vector<uint32_t> numbers;
  numbers.reserve(encoded->size);
  if (!DecodeDeltas(*encoded, num_series, 0, UINT32_MAX, numbers)) return std::nullopt;
  return Of(std::move(numbers));
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

PostingSet PostingSet::Below(uint32_t num_series) {
  PostingSet all;
  all.bitmap_->set.addRange(0, num_series);
  return all;
}

void PostingSet::IntersectWith(const PostingUnion& other) {
  if (other.few_.empty() && other.many_.size() == 1) {
    bitmap_->set &= other.many_[0]->set;
  } else {
    bitmap_->set &= other.ToSet().bitmap_->set;
  }
}

void PostingSet::Subtract(const PostingUnion& other) {
  if (other.few_.empty() && other.many_.size() == 1) {
    bitmap_->set -= other.many_[0]->set;
  } else {
    bitmap_->set -= other.ToSet().bitmap_->set;
  }
}

bool PostingSet::Intersects(const PostingList& list) const {
  if (list.many_ != nullptr) return bitmap_->set.intersect(list.many_->set);
  return std::any_of(list.few_.begin(), list.few_.end(),
                     [&](uint32_t series) { return bitmap_->set.contains(series); });
}

bool PostingSet::empty() const { return bitmap_->set.isEmpty(); }
size_t PostingSet::size() const { return bitmap_->set.cardinality(); }

uint32_t PostingSet::min() const { return bitmap_->set.minimum(); }
uint32_t PostingSet::max() const { return bitmap_->set.maximum(); }

std::vector<uint32_t> PostingSet::ToVector() const {
  std::vector<uint32_t> series(size());
  bitmap_->set.toUint32Array(series.data());
  return series;
}

PostingSet PostingSet::Filter(const std::function<bool(uint32_t)>& keep) const {
  std::vector<uint32_t> kept = ToVector();
  std::erase_if(kept, [&](uint32_t series) { return !keep(series); });
  PostingSet result;
  result.bitmap_->set = BitmapOf(kept);
  return result;
}

bool operator==(const PostingSet& a, const PostingSet& b) {
  return a.bitmap_->set == b.bitmap_->set;
}

PostingUnion::PostingUnion() = default;
PostingUnion::~PostingUnion() = default;
PostingUnion::PostingUnion(PostingUnion&&) noexcept = default;
PostingUnion& PostingUnion::operator=(PostingUnion&&) noexcept = default;

void PostingUnion::Add(const PostingList& list) {
  if (list.many_ != nullptr) {
    many_.push_back(list.many_.get());
  } else {
    few_.insert(few_.end(), list.few_.begin(), list.few_.end());
  }
}

bool PostingUnion::AddEncoded(std::string_view bytes, uint32_t num_series) {
  const std::optional<Encoded> encoded = ParseEncoded(bytes);
  if (!encoded) return false;
  if (!encoded->is_bitmap) return DecodeDeltas(*encoded, num_series, min_, max_, few_);
  std::optional<Roaring> bitmap = DecodeBitmap(*encoded, num_series);
  if (!bitmap) return false;
  owned_.push_back(std::make_unique<PostingList::Bitmap>(*std::move(bitmap)));
  many_.push_back(owned_.back().get());
  return true;
}

size_t PostingUnion::size_bound() const {
  size_t size = few_.size();
  for (const PostingList::Bitmap* bitmap : many_) size += bitmap->set.cardinality();
  return size;
}

PostingSet PostingUnion::ToSet() const {
  PostingSet result;
  std::vector<const Roaring*> bitmaps;
  for (const PostingList::Bitmap* bitmap : many_) bitmaps.push_back(&bitmap->set);
  if (!bitmaps.empty()) result.bitmap_->set = Roaring::fastunion(bitmaps.size(), bitmaps.data());
  const std::vector<uint32_t> few = SortedOnce(few_);  // bulk insertion is fast for such
  result.bitmap_->set.addMany(few.size(), few.data());
  return result;
}

void PostingEncoder::Add(uint32_t series) {
  AppendVarint(series - next_, &deltas_);
  next_ = series + 1;
  ++size_;
}

void PostingEncoder::AppendTo(std::string* out) const {
  if (size_ <= kMaxDeltas) {
    AppendVarint(uint64_t{2} * size_, out);
    out->append(deltas_);
    return;
  }
  AppendVarint(uint64_t{2} * size_ + 1, out);
  std::vector<uint32_t> numbers;
  numbers.reserve(size_);
  DecodeDeltas({size_, false, deltas_}, uint64_t{next_}, 0, UINT32_MAX, numbers);
  Roaring bitmap = BitmapOf(numbers);
  bitmap.runOptimize();
  const size_t start = out->size();
  out->resize(start + bitmap.getSizeInBytes());
  bitmap.write(out->data() + start);
}

std::optional<uint64_t> PostingEncoder::SizeOf(std::string_view bytes) {
  const std::optional<Encoded> encoded = ParseEncoded(bytes);
  return encoded ? std::optional(encoded->size) : std::nullopt;
}

}  // namespace tidemark::tsdb
