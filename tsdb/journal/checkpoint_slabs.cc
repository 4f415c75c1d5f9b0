#include "tsdb/journal/checkpoint_slabs.h"

#include <bit>
#include <limits>
#include <optional>
#include <utility>

#include "base/io/varint.h"

namespace tidemark::tsdb {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are copied as they are");

constexpr char kVersion = 1;
constexpr char kStateVersion = 2;

absl::Status Damaged() { return absl::DataLossError("damaged slab of a checkpoint"); }

// A slab starts with its version and the number of its entries.
template <typename... Columns>
std::string EncodeColumns(char version, size_t count, Columns&... columns) {
  std::string out(1, version);
  const auto size = static_cast<uint32_t>(count);
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  (out.append(reinterpret_cast<const char*>(columns.data()), columns.size() * sizeof(columns[0])),
   ...);
  (columns.clear(), ...);
  return out;
}

// Takes columns off the front of `bytes`.
class Reader {
 public:
  explicit Reader(std::string_view bytes, char version = kVersion) : rest_(bytes) {
    if (rest_.empty() || rest_.front() != version) ok_ = false;
    if (ok_) rest_.remove_prefix(1);
    Column<uint32_t> count;
    if (Take(1, &count)) count_ = count[0];
  }
  template <typename T>
  bool Take(size_t size, Column<T>* column) {
    ok_ = ok_ && size <= rest_.size() / sizeof(T);
    if (!ok_) return false;
    *column = Column<T>(rest_.data(), size);
    rest_.remove_prefix(size * sizeof(T));
    return true;
  }
  // One of count() entries.
  template <typename T>
  bool Take(Column<T>* column) {
    return Take(count_, column);
  }
  size_t count() const { return count_; }
  std::string_view rest() const { return rest_; }

 private:
  bool ok_ = true;
  size_t count_ = 0;
  std::string_view rest_;
};

uint64_t Sum(const Column<uint32_t>& column) {
  uint64_t sum = 0;
  for (size_t i = 0; i < column.size(); ++i) sum += column[i];
  return sum;
}

}  // namespace

void PairSlab::Add(const LabelView& pair) {
  name_bytes_.push_back(static_cast<uint32_t>(pair.name.size()));
  value_bytes_.push_back(static_cast<uint32_t>(pair.value.size()));
  text_.append(pair.name).append(pair.value);
}

std::string PairSlab::Encode() {
  const auto count = static_cast<uint32_t>(name_bytes_.size());
  std::vector<uint32_t> first = {std::exchange(first_, first_ + count)};
  return EncodeColumns(kVersion, count, first, name_bytes_, value_bytes_, text_);
}

absl::Status PairSlab::Decode(std::string_view bytes,
                              absl::FunctionRef<void(uint32_t, const LabelView&)> visit) {
  Reader reader(bytes);
  Column<uint32_t> first, name_bytes, value_bytes;
  if (!reader.Take(1, &first) || !reader.Take(&name_bytes) || !reader.Take(&value_bytes)) {
    return Damaged();
  }
  std::string_view text = reader.rest();
  if (Sum(name_bytes) + Sum(value_bytes) != text.size()) return Damaged();
  if (first[0] > std::numeric_limits<uint32_t>::max() - reader.count()) return Damaged();
  for (size_t i = 0; i < reader.count(); ++i) {
    const LabelView pair{text.substr(0, name_bytes[i]), text.substr(name_bytes[i], value_bytes[i])};
    text.remove_prefix(pair.name.size() + pair.value.size());
    visit(first[0] + static_cast<uint32_t>(i), pair);
  }
  return absl::OkStatus();
}

void SeriesSlab::Add(uint32_t number, uint32_t generation, uint64_t hash,
                     std::span<const uint32_t> labels) {
  numbers_.push_back(number);
  generations_.push_back(generation);
  hashes_.push_back(hash);
  num_labels_.push_back(static_cast<uint32_t>(labels.size()));
  labels_.insert(labels_.end(), labels.begin(), labels.end());
}

std::string SeriesSlab::Encode() {
  return EncodeColumns(kVersion, numbers_.size(), numbers_, generations_, num_labels_, hashes_,
                       labels_);
}

absl::StatusOr<SeriesSlab::View> SeriesSlab::Decode(std::string_view bytes) {
  Reader reader(bytes);
  View view;
  if (!reader.Take(&view.numbers) || !reader.Take(&view.generations) ||
      !reader.Take(&view.num_labels) || !reader.Take(&view.hashes) ||
      !reader.Take(Sum(view.num_labels), &view.labels) || !reader.rest().empty()) {
    return Damaged();
  }
  return view;
}

void ChunkSlab::Add(uint32_t number, std::string_view chunk) {
  numbers_.push_back(number);
  sizes_.push_back(static_cast<uint32_t>(chunk.size()));
  bytes_.append(chunk);
}

std::string ChunkSlab::Encode() {
  return EncodeColumns(kVersion, numbers_.size(), numbers_, sizes_, bytes_);
}

absl::StatusOr<ChunkSlab::View> ChunkSlab::Decode(std::string_view bytes) {
  Reader reader(bytes);
  View view;
  if (!reader.Take(&view.numbers) || !reader.Take(&view.sizes)) return Damaged();
  view.bytes = reader.rest();
  if (Sum(view.sizes) != view.bytes.size()) return Damaged();
  return view;
}

void StateSlab::Add(uint32_t number, TimestampMs last_time) {
  numbers_.push_back(number);
  last_times_.push_back(last_time);
}

void StateSlab::AddAdmitted(TimestampMs time, uint64_t bits) {
  admitted_times_.push_back(time);
  admitted_bits_.push_back(bits);
}

std::string StateSlab::Encode(uint64_t covers) {
  std::vector<uint64_t> covers_column = {covers};
  return EncodeColumns(kStateVersion, numbers_.size(), covers_column, numbers_, admitted_times_,
                       admitted_bits_, last_times_, images_);
}

absl::StatusOr<StateSlab::View> StateSlab::Decode(std::string_view bytes) {
  // The first version did not say which batches it covers.
  const bool says_covers = !bytes.starts_with(kVersion);
  Reader reader(bytes, says_covers ? kStateVersion : kVersion);
  View view;
  Column<uint64_t> covers;
  if (says_covers) {
    if (!reader.Take(1, &covers)) return Damaged();
    view.covers = covers[0];
  }
  if (!reader.Take(&view.numbers) || !reader.Take(&view.admitted_times) ||
      !reader.Take(&view.admitted_bits) || !reader.Take(&view.last_times)) {
    return Damaged();
  }
  view.images = reader.rest();
  return view;
}

void SaveDeletions(const IntervalSet& times, std::string* out) {
  AppendVarint(times.ranges().size(), out);
  for (const TimeRange& range : times.ranges()) {
    out->append(reinterpret_cast<const char*>(&range.min), sizeof(range.min));
    out->append(reinterpret_cast<const char*>(&range.max), sizeof(range.max));
  }
}

absl::StatusOr<IntervalSet> LoadDeletions(std::string_view& bytes) {
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > bytes.size() / (2 * sizeof(TimestampMs))) return Damaged();
  const Column<TimestampMs> ends(bytes.data(), 2 * *count);
  bytes.remove_prefix(ends.size() * sizeof(TimestampMs));
  IntervalSet times;
  for (size_t i = 0; i < ends.size(); i += 2) {
    if (ends[i] > ends[i + 1]) return Damaged();
    times.Add({ends[i], ends[i + 1]});
  }
  return times;
}

}  // namespace tidemark::tsdb
