#include "tsdb/block/time_columns.h"

#include <optional>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/block/chunks_file.h"
#include "tsdb/codec/chunk.h"
#include "tsdb/codec/timestamp_codec.h"

namespace tidemark::tsdb {
namespace {

constexpr size_t kPageBytes = 16 * 1024;
constexpr size_t kMaxHeldBytes = 2 << 20;

absl::Status Damaged() { return absl::DataLossError("damaged column of timestamps"); }

std::string_view AsBytes(std::span<const TimestampMs> times) {
  return {reinterpret_cast<const char*>(times.data()), times.size_bytes()};
}

}  // namespace

void AppendTimeColumn(std::span<const TimestampMs> times, TimestampMs base, std::string* out) {
  const size_t layout_at = out->size();
  out->push_back(0);
  AppendVarint(times.size(), out);
  AppendVarint(ZigZag(static_cast<int64_t>(TimeDistance(base, times.front()))), out);
  if (times.size() > 1) AppendVarint(TimeDistance(times.front(), times.back()), out);
  (*out)[layout_at] = static_cast<char>(TimestampCodec::Encode(times, out));
}

absl::StatusOr<TimeColumnFront> ConsumeTimeColumnFront(std::string_view& bytes, TimestampMs base) {
  if (bytes.empty()) return Damaged();
  TimeColumnFront front;
  front.layout = static_cast<uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  const std::optional<uint64_t> first = count ? ConsumeVarint(bytes) : std::nullopt;
  if (front.layout > 1 || !first || *count == 0 || *count > kMaxSamplesPerChunk) return Damaged();
  const std::optional<uint64_t> length = *count > 1 ? ConsumeVarint(bytes) : 0;
  if (!length) return Damaged();
  front.head.count = static_cast<uint32_t>(*count);
  front.head.range.min = TimeAfter(base, static_cast<uint64_t>(UnZigZag(*first)));
  front.head.range.max = TimeAfter(front.head.range.min, *length);
  return front;
}

absl::Status ConsumeTimes(const TimeColumnFront& front, std::string_view& bytes,
                          std::vector<TimestampMs>* times) {
  times->resize(front.head.count);
  return TimestampCodec::Decode(static_cast<TimestampCodec::Layout>(front.layout),
                                front.head.range.min, front.head.range.max, bytes, *times);
}

uint32_t TimeColumnsWriter::Add(std::span<const TimestampMs> times) {
  const Hash128 hash = SeededHash128(AsBytes(times));
  if (const auto known = numbers_.find(hash); known != numbers_.end()) return known->second;
  if (bytes_ >= max_bytes_) return kNoColumn;
  if (pages_.empty() || pages_.back().columns.size() >= kPageBytes) {
    pages_.push_back({.first = num_columns_, .sizes = {}, .columns = {}});
  }
  Page& page = pages_.back();
  const size_t before = page.columns.size();
  AppendTimeColumn(times, base_, &page.columns);
  page.sizes.push_back(static_cast<uint32_t>(page.columns.size() - before));
  bytes_ += page.sizes.back();
  numbers_.emplace(hash, num_columns_);
  return num_columns_++;
}

absl::Status TimeColumnsWriter::WriteTo(SstWriter& file) {
  std::string value;
  for (const Page& page : pages_) {
    value.clear();
    AppendVarint(page.sizes.size(), &value);
    for (const uint32_t size : page.sizes) AppendVarint(size, &value);
    value.append(page.columns);
    RETURN_IF_ERROR(file.Put(PageKey(ChunksKey::kTimeColumns, page.first), value));
  }
  return absl::OkStatus();
}

absl::Status TimeColumnsReader::Parse(std::string_view value, Page* page) const {
  page->bytes = value;
  std::string_view rest = page->bytes;
  const std::optional<uint64_t> count = ConsumeVarint(rest);
  if (!count || *count == 0 || *count > rest.size()) return Damaged();
  page->columns.resize(*count);
  for (Column& column : page->columns) {
    const std::optional<uint64_t> size = ConsumeVarint(rest);
    if (!size || *size > page->bytes.size()) return Damaged();
    column.end = *size;
  }
  size_t begin = page->bytes.size() - rest.size();
  for (Column& column : page->columns) {
    if (column.end > page->bytes.size() - begin) return Damaged();
    const size_t end = begin + column.end;
    std::string_view bytes = std::string_view(page->bytes).substr(begin, column.end);
    ASSIGN_OR_RETURN(column.front, ConsumeTimeColumnFront(bytes, base_));
    column.begin = end - bytes.size();
    column.end = begin = end;
  }
  return begin == page->bytes.size() ? absl::OkStatus() : Damaged();
}

absl::StatusOr<TimeColumnsReader::Page*> TimeColumnsReader::Load(uint32_t number) {
  if (number >= num_columns_) return Damaged();
  if (iterator_ == nullptr) iterator_ = file_.NewIterator();
  iterator_->SeekForPrev(PageKey(ChunksKey::kTimeColumns, number));
  RETURN_IF_ERROR(iterator_->status());
  if (!iterator_->Valid() || !IsPageKey(ChunksKey::kTimeColumns, iterator_->key())) {
    return absl::DataLossError(StrCat("column ", number, " of timestamps is missing"));
  }
  if (held_bytes_ > kMaxHeldBytes) {
    pages_.clear();
    held_bytes_ = 0;
  }
  Page& page = pages_[PageNumber(iterator_->key())];
  page.first = PageNumber(iterator_->key());
  RETURN_IF_ERROR(Parse(iterator_->value(), &page));
  if (!page.Has(number)) return Damaged();
  held_bytes_ += page.bytes.size() + page.columns.size() * sizeof(Column);
  return &page;
}

absl::StatusOr<TimeColumnsReader::Column*> TimeColumnsReader::Find(uint32_t number, Page** page) {
  if (latest_ == nullptr || !latest_->Has(number)) {
    latest_ = nullptr;
    const auto after = pages_.upper_bound(number);
    if (after != pages_.begin() && std::prev(after)->second.Has(number)) {
      latest_ = &std::prev(after)->second;
    } else {
      ASSIGN_OR_RETURN(latest_, Load(number));
    }
  }
  *page = latest_;
  return &latest_->columns[number - latest_->first];
}

absl::StatusOr<const TimeColumnHead*> TimeColumnsReader::Head(uint32_t number) {
  Page* page = nullptr;
  ASSIGN_OR_RETURN(const Column* column, Find(number, &page));
  return &column->front.head;
}

absl::StatusOr<std::span<const TimestampMs>> TimeColumnsReader::Times(uint32_t number) {
  Page* page = nullptr;
  ASSIGN_OR_RETURN(Column * column, Find(number, &page));
  if (column->times.empty()) {
    std::string_view bytes =
        std::string_view(page->bytes).substr(column->begin, column->end - column->begin);
    std::vector<TimestampMs> times;
    RETURN_IF_ERROR(ConsumeTimes(column->front, bytes, &times));
    if (!bytes.empty()) return Damaged();
    column->times = std::move(times);
    held_bytes_ += column->times.size() * sizeof(TimestampMs);
  }
  return std::span<const TimestampMs>(column->times);
}

}  // namespace tidemark::tsdb
