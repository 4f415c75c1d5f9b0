#include "tsdb/codec/histogram_codec.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/bucket_steps.h"
#include "tsdb/codec/histogram_layout.h"
#include "tsdb/codec/integer_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged column of histograms"); }

using Views = std::span<const HistogramView>;

// In front of the buckets of a run that stand sample by sample, where a column of integers begins
// with its prediction, which is none of this number.
constexpr char kRowByRow = 0x40;

// Appends the column of `get` of each histogram: of hints, sums and float counts.
template <typename Get>
void AppendDoubles(Views views, Get get, std::string* out) {
  static thread_local std::vector<double> column;
  column.clear();
  for (const HistogramView& view : views) column.push_back(get(view));
  AppendValueColumn(column, Nesting::kOutermost, out);
}

// The same of whole counts, as 64-bit integers.
template <typename Get>
void AppendIntegers(Views views, Get get, std::string* out) {
  static thread_local std::vector<int64_t> column;
  column.clear();
  for (const HistogramView& view : views) column.push_back(static_cast<int64_t>(get(view)));
  IntegerCodec::Encode(column, out);
}

template <typename Get>
void AppendCounts(Views views, Get get, std::string* out) {
  if (views.front().is_float) {
    AppendDoubles(views, get, out);
  } else {
    AppendIntegers(views, get, out);
  }
}

// What is left of the count of an integer histogram without all of its buckets.
uint64_t CountOutsideOfBuckets(const HistogramView& view) {
  uint64_t sum = static_cast<uint64_t>(view.zero_count);
  for (const double count : view.positive_counts) sum += static_cast<uint64_t>(count);
  for (const double count : view.negative_counts) sum += static_cast<uint64_t>(count);
  return static_cast<uint64_t>(view.count) - sum;
}

// How many of `views`, from the first on, share its layout.
size_t RunLength(Views views) {
  size_t length = 1;
  while (length < views.size() && views[length].layout == views[0].layout) ++length;
  return length;
}

// Positive ones first: HistogramColumns has those of a sample side by side.
std::span<const double> BucketsOf(const HistogramView& view) {
  return {view.positive_counts.data(), view.positive_counts.size() + view.negative_counts.size()};
}

void AppendDifferences(std::span<const double> before, std::span<const double> now,
                       std::string* out) {
  for (size_t k = 0; k < now.size(); ++k) {
    AppendVarint(ZigZag(static_cast<int64_t>(now[k]) - static_cast<int64_t>(before[k])), out);
  }
}

// Appends the buckets of integer histograms sample by sample.
void AppendRows(Views run, std::string* out) {
  out->push_back(kRowByRow);
  for (const double count : BucketsOf(run[0])) AppendVarint(static_cast<uint64_t>(count), out);
  for (size_t i = 1; i < run.size(); ++i) {
    const auto before = BucketsOf(run[i - 1]), now = BucketsOf(run[i]);
    if (AppendBucketSteps(before, now, out)) continue;
    out->push_back(kNoBucketSteps);
    AppendDifferences(before, now, out);
  }
}

// About how many bytes the buckets take as columns: a column of differences is as wide as they are
// spread, and observations that come at random spread as the root of their number.
double EstimateColumns(Views run) {
  constexpr double kConstant = 3, kFront = 5, kBitsPerByte = 8;
  const auto first = BucketsOf(run.front()), last = BucketsOf(run.back());
  const auto num_rows = static_cast<double>(run.size());
  double num_bytes = 0;
  for (size_t k = 0; k < first.size(); ++k) {
    const double rise = std::abs(last[k] - first[k]) / num_rows;
    num_bytes += rise == 0 ? kConstant
                           : kFront + num_rows * std::log2(1 + 4 * std::sqrt(rise)) / kBitsPerByte;
  }
  return num_bytes;
}

void AppendColumns(Views run, std::string* out) {
  for (size_t k = 0; k < BucketsOf(run[0]).size(); ++k) {
    AppendCounts(
        run, [k](const HistogramView& view) { return BucketsOf(view)[k]; }, out);
  }
}

// Integer histograms sample by sample where that is not much longer: it is read ten times as fast.
void AppendBuckets(Views run, std::string* out) {
  constexpr double kLonger = 1.1;
  if (BucketsOf(run[0]).empty()) return;
  if (run[0].is_float) return AppendColumns(run, out);
  const size_t before = out->size();
  AppendRows(run, out);
  if (static_cast<double>(out->size() - before) <= kLonger * EstimateColumns(run)) return;
  out->resize(before);
  AppendColumns(run, out);
}

void AppendRuns(Views views, std::string* out) {
  while (!views.empty()) {
    const size_t length = RunLength(views);
    // 0 for all that are left, as the last run, mostly the only one, is.
    AppendVarint(length == views.size() ? 0 : length, out);
    const Views run = views.first(length);
    AppendHistogramLayout(*run[0].layout, out);
    AppendBuckets(run, out);
    views = views.subspan(length);
  }
}

// The object of the layout at the front of `bytes`; the one that this thread had last where it is
// the same, as that of neighbours mostly is. Null where there is none.
const std::shared_ptr<const HistogramLayout>* ConsumeLayout(std::string_view& bytes) {
  static thread_local HistogramLayout layout;
  static thread_local std::shared_ptr<const HistogramLayout> last;
  if (!ConsumeHistogramLayout(bytes, &layout)) return nullptr;
  if (last == nullptr || !SameBits(*last, layout)) {
    last = std::make_shared<const HistogramLayout>(layout);
  }
  return &last;
}

bool ConsumeExactCount(std::string_view& bytes, double* count) {
  const std::optional<uint64_t> whole = ConsumeVarint(bytes);
  if (!whole || *whole > kMaxExactCount) return false;
  *count = static_cast<double>(*whole);
  return true;
}

bool ConsumeDifferences(std::string_view& bytes, std::span<double> counts) {
  for (double& count : counts) {
    const std::optional<uint64_t> difference = ConsumeVarint(bytes);
    if (!difference) return false;
    const uint64_t sum =
        static_cast<uint64_t>(count) + static_cast<uint64_t>(UnZigZag(*difference));
    if (sum > kMaxExactCount) return false;
    count = static_cast<double>(sum);
  }
  return true;
}

uint64_t SumOf(std::span<const double> counts) {
  uint64_t sum = 0;
  for (const double count : counts) sum += static_cast<uint64_t>(count);
  return sum;
}

// What a column is read into, for its space.
struct Columns {
  std::vector<double> hints, sums, zero_counts, counts;
  std::vector<uint64_t> in_buckets;  // of integer histograms: the sum of all buckets
  std::vector<int64_t> integers;
  std::vector<double> floats, row;

  static Columns& OfThisThread() {
    static thread_local Columns columns;
    return columns;
  }
};

// Decodes one column.
class ColumnReader {
 public:
  ColumnReader(std::string_view& bytes, bool is_float, std::span<const TimestampMs> timestamps,
               TimeRange wanted, HistogramColumns& out)
      : bytes_(bytes),
        is_float_(is_float),
        timestamps_(timestamps),
        out_(out),
        before_(out.size()) {
    const auto first = std::lower_bound(timestamps.begin(), timestamps.end(), wanted.min);
    const auto end = std::upper_bound(first, timestamps.end(), wanted.max);
    first_ = static_cast<size_t>(first - timestamps.begin());
    end_ = static_cast<size_t>(end - timestamps.begin());
  }

  absl::Status Read() {
    const size_t size = timestamps_.size();
    columns_.hints.resize(size);
    columns_.sums.resize(size);
    columns_.zero_counts.resize(size);
    columns_.in_buckets.assign(size, 0);
    RETURN_IF_ERROR(ConsumeValueColumn(bytes_, Nesting::kOutermost, columns_.hints));
    RETURN_IF_ERROR(ConsumeValueColumn(bytes_, Nesting::kOutermost, columns_.sums));
    RETURN_IF_ERROR(ConsumeCounts({0, size}, {0, size}, 1, columns_.zero_counts.data()));
    for (size_t begin = 0; begin < size;) {
      const std::optional<uint64_t> stated = ConsumeVarint(bytes_);
      if (!stated || *stated >= size - begin) return Damaged();
      const size_t length = *stated == 0 ? size - begin : *stated;
      RETURN_IF_ERROR(ReadRun({begin, begin + length}));
      begin += length;
    }
    RETURN_IF_ERROR(ReadCounts());
    for (size_t i = first_; i < end_; ++i) {
      out_.SetFigures(PlaceOf(i), columns_.counts[i], columns_.zero_counts[i], columns_.sums[i]);
    }
    return ReadHints();
  }

 private:
  struct Rows {
    size_t begin, end;
    size_t size() const { return end - begin; }
  };
  // Those of them that are wanted.
  Rows WantedOf(Rows rows) const {
    const size_t begin = std::clamp(first_, rows.begin, rows.end);
    return {begin, std::clamp(end_, begin, rows.end)};
  }
  // Of a sample that is wanted.
  size_t PlaceOf(size_t i) const { return before_ + i - first_; }

  // Reads a column of counts of `rows`; those of `wanted` go to every `stride`-th of `counts`.
  absl::Status ConsumeCounts(Rows rows, Rows wanted, size_t stride, double* counts) {
    return is_float_ ? ConsumeFloats(rows, wanted, stride, counts)
                     : ConsumeIntegers(rows, wanted, stride, counts);
  }

  // Adds them to in_buckets as well.
  absl::Status ConsumeIntegers(Rows rows, Rows wanted, size_t stride, double* counts) {
    std::vector<int64_t>& column = columns_.integers;
    column.resize(rows.size());
    RETURN_IF_ERROR(IntegerCodec::Decode(bytes_, column));
    uint64_t all_bits = 0;
    for (size_t i = 0; i < column.size(); ++i) {
      const auto count = static_cast<uint64_t>(column[i]);
      all_bits |= count;
      columns_.in_buckets[rows.begin + i] += count;
    }
    for (size_t i = wanted.begin; i < wanted.end; ++i) {
      counts[(i - wanted.begin) * stride] = static_cast<double>(column[i - rows.begin]);
    }
    if (all_bits < kMaxExactCount) return absl::OkStatus();
    const bool sound = std::all_of(column.begin(), column.end(), [](int64_t count) {
      return static_cast<uint64_t>(count) <= kMaxExactCount;
    });
    return sound ? absl::OkStatus() : Damaged();
  }

  absl::Status ConsumeFloats(Rows rows, Rows wanted, size_t stride, double* counts) {
    std::vector<double>& column = columns_.floats;
    column.resize(rows.size());
    RETURN_IF_ERROR(ConsumeValueColumn(bytes_, Nesting::kOutermost, column));
    for (size_t i = wanted.begin; i < wanted.end; ++i) {
      counts[(i - wanted.begin) * stride] = column[i - rows.begin];
    }
    return absl::OkStatus();
  }

  absl::Status ReadRun(Rows rows) {
    const std::shared_ptr<const HistogramLayout>* const layout = ConsumeLayout(bytes_);
    if (layout == nullptr) return Damaged();
    const uint64_t num_positive = NumBuckets((*layout)->positive_spans);
    const uint64_t num_negative = NumBuckets((*layout)->negative_spans);
    // Every bucket takes a byte at least.
    if (num_positive > bytes_.size() || num_negative > bytes_.size()) return Damaged();
    const size_t num_buckets = num_positive + num_negative;
    if (num_buckets * rows.size() > counts_left_) return Damaged();
    counts_left_ -= num_buckets * rows.size();
    const Rows wanted = WantedOf(rows);
    std::span<double> buckets;
    if (wanted.size() > 0) {
      buckets = out_.AddRun(timestamps_.subspan(wanted.begin, wanted.size()), *layout, is_float_);
    }
    if (num_buckets == 0) return absl::OkStatus();
    if (!is_float_ && !bytes_.empty() && bytes_.front() == kRowByRow) {
      return ReadRows(rows, wanted, num_buckets, buckets);
    }
    for (size_t k = 0; k < num_buckets; ++k) {
      RETURN_IF_ERROR(ConsumeCounts(rows, wanted, num_buckets, buckets.data() + k));
    }
    return absl::OkStatus();
  }

  absl::Status ReadRows(Rows rows, Rows wanted, size_t num_buckets, std::span<double> buckets) {
    bytes_.remove_prefix(1);
    std::vector<double>& row = columns_.row;
    row.resize(num_buckets);
    for (double& count : row) {
      if (!ConsumeExactCount(bytes_, &count)) return Damaged();
    }
    uint64_t sum = SumOf(row);
    for (size_t i = rows.begin; i < rows.end; ++i) {
      if (i > rows.begin && !ConsumeRow(row, &sum)) return Damaged();
      columns_.in_buckets[i] += sum;
      if (i < wanted.begin || i >= wanted.end) continue;
      std::copy(row.begin(), row.end(), buckets.begin());
      buckets = buckets.subspan(num_buckets);
    }
    return absl::OkStatus();
  }

  // Turns `row` into the next one and keeps its sum.
  bool ConsumeRow(std::span<double> row, uint64_t* sum) {
    if (bytes_.empty()) return false;
    if (bytes_.front() == kNoBucketSteps) {
      bytes_.remove_prefix(1);
      if (!ConsumeDifferences(bytes_, row)) return false;
      *sum = SumOf(row);
      return true;
    }
    const std::optional<size_t> num_steps = ConsumeBucketSteps(bytes_, row);
    *sum += num_steps.value_or(0);
    return num_steps.has_value();
  }

  // What can be told only now: of integer histograms the count is what the buckets leave over.
  absl::Status ReadCounts() {
    std::vector<double>& counts = columns_.counts;
    counts.resize(timestamps_.size());
    if (is_float_) return ConsumeValueColumn(bytes_, Nesting::kOutermost, counts);
    std::vector<int64_t>& rests = columns_.integers;
    rests.resize(counts.size());
    RETURN_IF_ERROR(IntegerCodec::Decode(bytes_, rests));
    for (size_t i = 0; i < rests.size(); ++i) {
      // What was stored is CountOutsideOfBuckets.
      const uint64_t count = static_cast<uint64_t>(rests[i]) + columns_.in_buckets[i];
      if (count > kMaxExactCount) return Damaged();
      counts[i] = static_cast<double>(count);
    }
    return absl::OkStatus();
  }

  absl::Status ReadHints() {
    for (size_t i = 0; i < timestamps_.size(); ++i) {
      const double hint = columns_.hints[i];
      // Not a number is not in the range either.
      const bool known = hint >= 0 && hint <= static_cast<double>(CounterResetHint::kGauge);
      if (!known || hint != std::floor(hint)) return Damaged();
      if (i < first_ || i >= end_) continue;
      out_.SetHint(PlaceOf(i), static_cast<CounterResetHint>(hint));
    }
    return absl::OkStatus();
  }

  std::string_view& bytes_;
  const bool is_float_;
  const std::span<const TimestampMs> timestamps_;
  size_t first_ = 0, end_ = 0;  // of the samples that are wanted
  HistogramColumns& out_;
  const size_t before_;
  size_t counts_left_ = kMaxHistogramCounts;  // that the column may still claim
  Columns& columns_ = Columns::OfThisThread();
};

}  // namespace

absl::Status AppendHistogramColumn(const HistogramColumns& histograms, size_t begin, size_t end,
                                   std::string* out) {
  std::vector<HistogramView> views;
  views.reserve(end - begin);
  size_t num_counts = 0;
  for (size_t i = begin; i < end; ++i) {
    views.push_back(histograms[i]);
    num_counts += views.back().positive_counts.size() + views.back().negative_counts.size();
  }
  if (num_counts > kMaxHistogramCounts) {
    return absl::InvalidArgumentError("too many buckets for a chunk of histograms");
  }
  AppendDoubles(
      views, [](const HistogramView& view) { return static_cast<double>(view.counter_reset_hint); },
      out);
  AppendDoubles(
      views, [](const HistogramView& view) { return view.sum; }, out);
  AppendCounts(
      views, [](const HistogramView& view) { return view.zero_count; }, out);
  AppendRuns(views, out);
  if (views.front().is_float) {
    AppendDoubles(
        views, [](const HistogramView& view) { return view.count; }, out);
  } else {
    AppendIntegers(views, CountOutsideOfBuckets, out);
  }
  return absl::OkStatus();
}

absl::Status ConsumeHistogramColumn(std::string_view& bytes, bool is_float,
                                    std::span<const TimestampMs> timestamps, HistogramColumns& out,
                                    TimeRange wanted) {
  const size_t before = out.size();
  absl::Status status = ColumnReader(bytes, is_float, timestamps, wanted, out).Read();
  if (!status.ok()) out.Truncate(before);
  return status;
}

}  // namespace tidemark::tsdb
