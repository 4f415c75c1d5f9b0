#include "tsdb/codec/histogram_codec.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/io/varint.h"
#include "base/status_macros.h"
#include "tsdb/codec/histogram_layout.h"
#include "tsdb/codec/integer_codec.h"
#include "tsdb/codec/value_column.h"

namespace tidemark::tsdb {
namespace {

absl::Status Damaged() { return absl::DataLossError("damaged column of histograms"); }

using Views = std::span<const HistogramView>;

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

void AppendRuns(Views views, std::string* out) {
  while (!views.empty()) {
    const size_t length = RunLength(views);
    // 0 for all that are left, as the last run, mostly the only one, is.
    AppendVarint(length == views.size() ? 0 : length, out);
    const Views run = views.first(length);
    AppendHistogramLayout(*run[0].layout, out);
    for (size_t k = 0; k < run[0].positive_counts.size(); ++k) {
      AppendCounts(
          run, [k](const HistogramView& view) { return view.positive_counts[k]; }, out);
    }
    for (size_t k = 0; k < run[0].negative_counts.size(); ++k) {
      AppendCounts(
          run, [k](const HistogramView& view) { return view.negative_counts[k]; }, out);
    }
    views = views.subspan(length);
  }
}

// Reads a column of whole counts into every `stride`-th of `counts`, and adds them to `sums`.
absl::Status ConsumeIntegers(std::string_view& bytes, size_t stride, std::span<uint64_t> sums,
                             double* counts) {
  static thread_local std::vector<int64_t> column;
  column.resize(sums.size());
  RETURN_IF_ERROR(IntegerCodec::Decode(bytes, column));
  uint64_t all_bits = 0;
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto count = static_cast<uint64_t>(column[i]);
    all_bits |= count;
    sums[i] += count;
    counts[i * stride] = static_cast<double>(column[i]);
  }
  if (all_bits < kMaxExactCount) return absl::OkStatus();
  const bool sound = std::all_of(column.begin(), column.end(), [](int64_t count) {
    return static_cast<uint64_t>(count) <= kMaxExactCount;
  });
  return sound ? absl::OkStatus() : Damaged();
}

// The same of a column of float counts.
absl::Status ConsumeFloats(std::string_view& bytes, size_t stride, size_t num_rows,
                           double* counts) {
  static thread_local std::vector<double> column;
  column.resize(num_rows);
  RETURN_IF_ERROR(ConsumeValueColumn(bytes, Nesting::kOutermost, column));
  for (size_t i = 0; i < num_rows; ++i) counts[i * stride] = column[i];
  return absl::OkStatus();
}

// Decodes one column.
class ColumnReader {
 public:
  ColumnReader(std::string_view& bytes, bool is_float, std::span<const TimestampMs> timestamps,
               HistogramColumns& out)
      : bytes_(bytes),
        is_float_(is_float),
        timestamps_(timestamps),
        out_(out),
        before_(out.size()) {}

  absl::Status Read() {
    const size_t size = timestamps_.size();
    hints_.resize(size);
    sums_.resize(size);
    zero_counts_.resize(size);
    counts_.resize(size);
    in_buckets_.assign(size, 0);
    RETURN_IF_ERROR(ConsumeValueColumn(bytes_, Nesting::kOutermost, hints_));
    RETURN_IF_ERROR(ConsumeValueColumn(bytes_, Nesting::kOutermost, sums_));
    RETURN_IF_ERROR(ConsumeCounts(1, 0, size, zero_counts_.data()));
    for (size_t begin = 0; begin < size;) {
      const std::optional<uint64_t> stated = ConsumeVarint(bytes_);
      if (!stated || *stated >= size - begin) return Damaged();
      const size_t length = *stated == 0 ? size - begin : *stated;
      RETURN_IF_ERROR(ReadRun(begin, timestamps_.subspan(begin, length)));
      begin += length;
    }
    RETURN_IF_ERROR(ReadFigures());
    return ReadHints();
  }

 private:
  // Reads a column of counts of the samples from `begin` on into every `stride`-th of `counts`.
  absl::Status ConsumeCounts(size_t stride, size_t begin, size_t num_rows, double* counts) {
    if (is_float_) return ConsumeFloats(bytes_, stride, num_rows, counts);
    return ConsumeIntegers(bytes_, stride, std::span(in_buckets_).subspan(begin, num_rows), counts);
  }

  absl::Status ReadRun(size_t begin, std::span<const TimestampMs> times) {
    auto layout = std::make_shared<HistogramLayout>();
    if (!ConsumeHistogramLayout(bytes_, layout.get())) return Damaged();
    const uint64_t num_positive = NumBuckets(layout->positive_spans);
    const uint64_t num_negative = NumBuckets(layout->negative_spans);
    // Every bucket is a column of some bytes.
    if (num_positive > bytes_.size() || num_negative > bytes_.size()) return Damaged();
    const size_t num_buckets = num_positive + num_negative;
    if (num_buckets * times.size() > counts_left_) return Damaged();
    counts_left_ -= num_buckets * times.size();
    const std::span<double> buckets = out_.AddRun(times, std::move(layout), is_float_);
    for (size_t k = 0; k < num_buckets; ++k) {
      RETURN_IF_ERROR(ConsumeCounts(num_buckets, begin, times.size(), &buckets[k]));
    }
    return absl::OkStatus();
  }

  // What could be told only now: of integer histograms the count is what the buckets leave over.
  absl::Status ReadFigures() {
    if (is_float_) {
      RETURN_IF_ERROR(ConsumeValueColumn(bytes_, Nesting::kOutermost, counts_));
    } else {
      static thread_local std::vector<int64_t> rests;
      rests.resize(counts_.size());
      RETURN_IF_ERROR(IntegerCodec::Decode(bytes_, rests));
      for (size_t i = 0; i < rests.size(); ++i) {
        // What was stored is CountOutsideOfBuckets.
        const uint64_t count = static_cast<uint64_t>(rests[i]) + in_buckets_[i];
        if (count > kMaxExactCount) return Damaged();
        counts_[i] = static_cast<double>(count);
      }
    }
    for (size_t i = 0; i < counts_.size(); ++i) {
      out_.SetFigures(before_ + i, counts_[i], zero_counts_[i], sums_[i]);
    }
    return absl::OkStatus();
  }

  absl::Status ReadHints() {
    for (size_t i = 0; i < hints_.size(); ++i) {
      // Not a number is not in the range either.
      const bool known =
          hints_[i] >= 0 && hints_[i] <= static_cast<double>(CounterResetHint::kGauge);
      if (!known || hints_[i] != std::floor(hints_[i])) return Damaged();
      out_.SetHint(before_ + i, static_cast<CounterResetHint>(hints_[i]));
    }
    return absl::OkStatus();
  }

  std::string_view& bytes_;
  const bool is_float_;
  const std::span<const TimestampMs> timestamps_;
  HistogramColumns& out_;
  const size_t before_;
  size_t counts_left_ = kMaxHistogramCounts;  // that the column may still claim
  std::vector<double> hints_, sums_, zero_counts_, counts_;
  std::vector<uint64_t> in_buckets_;  // of integer histograms: the sum of all buckets
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
                                    std::span<const TimestampMs> timestamps,
                                    HistogramColumns& out) {
  const size_t before = out.size();
  absl::Status status = ColumnReader(bytes, is_float, timestamps, out).Read();
  if (!status.ok()) out.Truncate(before);
  return status;
}

}  // namespace tidemark::tsdb
