#include "tsdb/codec/histogram_row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <type_traits>

#include "base/io/varint.h"
#include "base/model/sample.h"
#include "base/model/staleness.h"
#include "tsdb/codec/bucket_steps.h"
#include "tsdb/codec/exact_double.h"
#include "tsdb/codec/histogram_layout.h"

// A histogram:
//   1  counter reset hint
//   1  flags below
//   .  layout, where it is stated; else it is that of the one before
//   8  sum
//   .  count, zero count, each positive and each negative bucket: whole ones as z difference to the
//      one before, where that has the same layout and whole counts, else to 0; others as 8 bytes;
//      or the buckets all together as bucket steps (bucket_steps.h) from the one before, or each as
//      z difference to the bucket before it, where the layout is stated

namespace tidemark::tsdb {
namespace {

constexpr uint8_t kIsFloat = 1, kHasLayout = 2, kHasRawCounts = 4, kHasSteps = 8, kHasDeltas = 16;
constexpr uint8_t kKnownFlags = kIsFloat | kHasLayout | kHasRawCounts | kHasSteps | kHasDeltas;

bool IsWholeCount(uint64_t count) { return count <= kMaxExactCount; }
bool IsWholeCount(double count) {
  if (!(count >= 0 && count <= static_cast<double>(kMaxExactCount))) return false;
  return SameBits(static_cast<double>(static_cast<uint64_t>(count)), count);
}

// The parts of a histogram, whoever holds them.
template <typename Count>
struct Parts {
  CounterResetHint hint;
  bool is_float;
  const HistogramLayout& layout;
  double sum;
  Count count, zero_count;
  std::span<const Count> positive, negative;

  template <typename Visit>
  void ForEachBucket(Visit visit) const {
    for (const Count c : positive) visit(c);
    for (const Count c : negative) visit(c);
  }
  template <typename Visit>
  void ForEachCount(Visit visit) const {
    visit(count);
    visit(zero_count);
    ForEachBucket(visit);
  }
  bool HasWholeCounts() const {
    bool whole = true;
    ForEachCount([&](Count c) { whole = whole && IsWholeCount(c); });
    return whole;
  }
};

// Appends varints, many at a time.
class VarintWriter {
 public:
  explicit VarintWriter(std::string* out) : out_(out) {}
  ~VarintWriter() { Flush(); }

  void Add(uint64_t value) {
    if (size_ + kMaxVarintBytes > buffer_.size()) Flush();
    for (; value >= 0x80; value >>= 7) buffer_[size_++] = static_cast<char>(value | 0x80);
    buffer_[size_++] = static_cast<char>(value);
  }

 private:
  void Flush() {
    out_->append(buffer_.data(), size_);
    size_ = 0;
  }

  std::string* const out_;
  size_t size_ = 0;
  std::array<char, 512> buffer_;
};

// ConsumeVarint, for ones that are mostly of a byte or two.
inline std::optional<uint64_t> ConsumeShortVarint(std::string_view& bytes) {
  if (bytes.size() < 2) return ConsumeVarint(bytes);
  const auto first = static_cast<uint8_t>(bytes[0]), second = static_cast<uint8_t>(bytes[1]);
  if (first < 0x80) {
    bytes.remove_prefix(1);
    return first;
  }
  if (second >= 0x80) return ConsumeVarint(bytes);
  bytes.remove_prefix(2);
  return (first & 0x7fU) | static_cast<uint64_t>(second) << 7;
}

void AppendHead(CounterResetHint hint, uint8_t flags, std::string* out) {
  out->push_back(static_cast<char>(hint));
  out->push_back(static_cast<char>(flags));
}

template <typename Count>
void AppendAlone(const Parts<Count>& parts, std::string* out) {
  if (IsStaleMarker(parts.sum)) {
    AppendHead(CounterResetHint::kUnknown, kHasLayout | (parts.is_float ? kIsFloat : 0), out);
    AppendHistogramLayout(HistogramLayout(), out);
    AppendRawDouble(parts.sum, out);
    out->append(2, '\0');
    return;
  }
  const bool whole = parts.HasWholeCounts();
  uint8_t flags = kHasLayout;
  flags |= whole ? kHasDeltas : kHasRawCounts;
  if (parts.is_float || !whole) flags |= kIsFloat;
  AppendHead(parts.hint, flags, out);
  AppendHistogramLayout(parts.layout, out);
  AppendRawDouble(parts.sum, out);
  if (whole) {
    VarintWriter writer(out);
    writer.Add(ZigZag(static_cast<int64_t>(parts.count)));
    writer.Add(ZigZag(static_cast<int64_t>(parts.zero_count)));
    int64_t before = 0;
    parts.ForEachBucket([&](Count c) {
      const auto bucket = static_cast<int64_t>(c);
      writer.Add(ZigZag(bucket - before));
      before = bucket;
    });
  } else {
    parts.ForEachCount([&](Count c) { AppendRawDouble(static_cast<double>(c), out); });
  }
}

template <typename Count>
Parts<Count> PartsOf(const BasicHistogramSample<Count>& h) {
  return {h.counter_reset_hint,
          std::is_same_v<Count, double>,
          *h.layout,
          h.sum,
          h.count,
          h.zero_count,
          h.positive_counts,
          h.negative_counts};
}

// Adds the difference at the front of `bytes` to `count`, which comes to be an exact one.
bool AddDifference(std::string_view& bytes, double& count) {
  const std::optional<uint64_t> difference = ConsumeShortVarint(bytes);
  if (!difference) return false;
  const uint64_t sum = static_cast<uint64_t>(count) + static_cast<uint64_t>(UnZigZag(*difference));
  count = static_cast<double>(sum);
  return sum <= kMaxExactCount;
}

bool ConsumeRawCounts(std::string_view& bytes, HistogramRow* row) {
  if (bytes.size() < (row->buckets.size() + 2) * sizeof(double)) return false;
  row->count = *ConsumeRawDouble(bytes);
  row->zero_count = *ConsumeRawDouble(bytes);
  for (double& bucket : row->buckets) bucket = *ConsumeRawDouble(bytes);
  return true;
}

bool ConsumeDeltas(std::string_view& bytes, std::span<double> buckets) {
  uint64_t count = 0, highest = 0;
  for (double& bucket : buckets) {
    const std::optional<uint64_t> delta = ConsumeShortVarint(bytes);
    if (!delta) return false;
    count += static_cast<uint64_t>(UnZigZag(*delta));
    highest = std::max(highest, count);
    bucket = static_cast<double>(static_cast<int64_t>(count));  // faster than unsigned
  }
  return highest <= kMaxExactCount;
}

// Reads the counts of `row`, as many as it has buckets and two.
bool ConsumeCounts(std::string_view& bytes, uint8_t flags, HistogramRow* row) {
  if (!row->has_whole_counts) return ConsumeRawCounts(bytes, row);
  if (!AddDifference(bytes, row->count) || !AddDifference(bytes, row->zero_count)) return false;
  if ((flags & kHasSteps) != 0) return ConsumeBucketSteps(bytes, row->buckets).has_value();
  if ((flags & kHasDeltas) != 0) return ConsumeDeltas(bytes, row->buckets);
  return std::all_of(row->buckets.begin(), row->buckets.end(),
                     [&bytes](double& bucket) { return AddDifference(bytes, bucket); });
}

bool ConsumeLayout(std::string_view& bytes, HistogramRow* row) {
  static thread_local HistogramLayout layout;
  if (!ConsumeHistogramLayout(bytes, &layout)) return false;
  const size_t num_positive = NumBuckets(layout.positive_spans);
  const size_t num_negative = NumBuckets(layout.negative_spans);
  if (num_positive > kMaxHistogramBuckets || num_negative > kMaxHistogramBuckets) return false;
  if (num_positive + num_negative > kMaxHistogramBuckets) return false;
  if (row->layout == nullptr || !SameBits(*row->layout, layout)) {
    row->layout = std::make_shared<const HistogramLayout>(layout);
  }
  row->num_positive = num_positive;
  row->buckets.resize(num_positive + num_negative);
  return true;
}

void SetCountsTo0(HistogramRow* row) {
  row->count = row->zero_count = 0;
  std::fill(row->buckets.begin(), row->buckets.end(), 0.0);
}

}  // namespace

HistogramView HistogramRow::view() const {
  const std::span<const double> all = buckets;
  return {layout,
          hint,
          is_float,
          count,
          zero_count,
          sum,
          all.first(num_positive),
          all.subspan(num_positive)};
}

HistogramRow StaleHistogram(bool is_float) {
  static const auto* const kNoBuckets =
      new std::shared_ptr<const HistogramLayout>(std::make_shared<const HistogramLayout>());
  HistogramRow stale;
  stale.layout = *kNoBuckets;
  stale.is_float = is_float;
  stale.sum = StaleMarker();
  return stale;
}

void AppendHistogram(const HistogramSample& histogram, std::string* out) {
  AppendAlone(PartsOf(histogram), out);
}
void AppendHistogram(const FloatHistogramSample& histogram, std::string* out) {
  AppendAlone(PartsOf(histogram), out);
}
void AppendHistogram(const HistogramView& h, std::string* out) {
  AppendAlone(Parts<double>{h.counter_reset_hint, h.is_float, *h.layout, h.sum, h.count,
                            h.zero_count, h.positive_counts, h.negative_counts},
              out);
}

void AppendHistogram(const HistogramRow& row, const HistogramRow& before, std::string* out) {
  if (row.layout != before.layout) return AppendHistogram(row.view(), out);
  const size_t flags_at = out->size() + 1;
  AppendHead(row.hint,
             static_cast<uint8_t>((row.is_float ? kIsFloat : 0) |
                                  (row.has_whole_counts ? 0 : kHasRawCounts)),
             out);
  AppendRawDouble(row.sum, out);
  if (!row.has_whole_counts) {
    AppendRawDouble(row.count, out);
    AppendRawDouble(row.zero_count, out);
    for (const double bucket : row.buckets) AppendRawDouble(bucket, out);
    return;
  }
  const bool relative = before.has_whole_counts;
  const auto difference = [relative](double count, double count_before) {
    const auto base = relative ? static_cast<int64_t>(count_before) : 0;
    return ZigZag(static_cast<int64_t>(count) - base);
  };
  AppendVarint(difference(row.count, before.count), out);
  AppendVarint(difference(row.zero_count, before.zero_count), out);
  if (relative && AppendBucketSteps(before.buckets, row.buckets, out)) {
    (*out)[flags_at] = static_cast<char>((*out)[flags_at] | kHasSteps);
    return;
  }
  VarintWriter writer(out);
  for (size_t i = 0; i < row.buckets.size(); ++i) {
    writer.Add(difference(row.buckets[i], before.buckets[i]));
  }
}

bool ConsumeHistogram(std::string_view& bytes, HistogramRow* row) {
  if (bytes.size() < 2) return false;
  const auto hint = static_cast<uint8_t>(bytes[0]), flags = static_cast<uint8_t>(bytes[1]);
  bytes.remove_prefix(2);
  if (hint > static_cast<uint8_t>(CounterResetHint::kGauge)) return false;
  if ((flags & ~kKnownFlags) != 0) return false;
  const bool has_layout = (flags & kHasLayout) != 0;
  if (has_layout ? !ConsumeLayout(bytes, row) : row->layout == nullptr) return false;
  if (has_layout || !row->has_whole_counts) SetCountsTo0(row);
  row->hint = static_cast<CounterResetHint>(hint);
  row->is_float = (flags & kIsFloat) != 0;
  row->has_whole_counts = (flags & kHasRawCounts) == 0;
  const bool needs_whole_counts = !row->is_float || (flags & (kHasSteps | kHasDeltas)) != 0;
  if (needs_whole_counts && !row->has_whole_counts) return false;
  const std::optional<double> sum = ConsumeRawDouble(bytes);
  if (!sum) return false;
  row->sum = *sum;
  return ConsumeCounts(bytes, flags, row);
}

bool IsFloatHistogram(std::string_view bytes) { return (bytes[1] & kIsFloat) != 0; }
bool IsStaleHistogram(std::string_view bytes) {
  static const auto* const kStale = [] {
    auto* stale = new std::string();
    AppendHistogram(StaleHistogram(false).view(), stale);
    return stale;
  }();
  // All but the kind.
  return bytes.size() == kStale->size() && bytes.substr(2) == std::string_view(*kStale).substr(2);
}

}  // namespace tidemark::tsdb
