#include "tsdb/codec/open_histograms.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/io/varint.h"
#include "base/model/staleness.h"
#include "tsdb/codec/chunk.h"

namespace tidemark::tsdb {
namespace {

// The buckets of one sign, by number.
class BucketCursor {
 public:
  BucketCursor(std::span<const BucketSpan> spans, std::span<const double> counts)
      : spans_(spans), counts_(counts) {
    SkipEmptySpans();
  }
  bool at_end() const { return next_ == counts_.size() || span_ == spans_.size(); }
  int64_t number() const { return begin_ + in_span_; }
  double count() const { return counts_[next_]; }
  void Next() {
    ++next_;
    ++in_span_;
    if (in_span_ < spans_[span_].length) return;
    begin_ += spans_[span_].length;
    ++span_;
    SkipEmptySpans();
  }

 private:
  // Comes to a span with buckets and adds its offset.
  void SkipEmptySpans() {
    in_span_ = 0;
    for (; span_ < spans_.size(); ++span_) {
      begin_ += spans_[span_].offset;
      if (spans_[span_].length > 0) return;
    }
  }

  const std::span<const BucketSpan> spans_;
  const std::span<const double> counts_;
  size_t span_ = 0, next_ = 0;
  int64_t begin_ = 0;
  uint32_t in_span_ = 0;
};

// Whether no bucket of `before` has more than the one of that number in `after`.
bool NoneFalls(BucketCursor before, BucketCursor after) {
  for (; !before.at_end(); before.Next()) {
    while (!after.at_end() && after.number() < before.number()) after.Next();
    const bool is_there = !after.at_end() && after.number() == before.number();
    if (before.count() > (is_there ? after.count() : 0)) return false;
  }
  return true;
}

// Whether `after` is sure to be no counter reset. Where resolution or bounds have changed that is
// for readers to find out.
bool IsSureToGoOn(const HistogramRow& before, const HistogramRow& after) {
  if (before.layout == nullptr || before.is_float != after.is_float) return false;
  if (before.hint == CounterResetHint::kGauge) return false;
  if (after.hint == CounterResetHint::kCounterReset) return false;
  if (IsStaleMarker(before.sum) || IsStaleMarker(after.sum)) return false;
  if (!(before.count <= after.count && before.zero_count <= after.zero_count)) return false;
  if (before.layout == after.layout) {
    return std::equal(before.buckets.begin(), before.buckets.end(), after.buckets.begin(),
                      [](double a, double b) { return a <= b; });
  }
  const HistogramLayout &old_layout = *before.layout, &new_layout = *after.layout;
  if (old_layout.schema != new_layout.schema ||
      old_layout.zero_threshold != new_layout.zero_threshold ||
      old_layout.custom_values != new_layout.custom_values) {
    return false;
  }
  const HistogramView b = before.view(), a = after.view();
  return NoneFalls({old_layout.positive_spans, b.positive_counts},
                   {new_layout.positive_spans, a.positive_counts}) &&
         NoneFalls({old_layout.negative_spans, b.negative_counts},
                   {new_layout.negative_spans, a.negative_counts});
}

absl::Status DamagedImage() { return absl::DataLossError("damaged open histograms"); }

// Image, integers little-endian:
//   1  version; 1 before there were bucket steps, 2
//   v  length, the newest histogram by itself
//   v  number of samples; where it is not 0
//      z  first time; v last time - first time; v length, the samples
constexpr char kFirstImageVersion = 1, kImageVersion = 2;
constexpr size_t kMaxSamplesInImage = 120;  // as many as there were when chunks were longer

}  // namespace

void OpenHistograms::Append(TimestampMs timestamp, HistogramRow& histogram) {
  if (histogram.hint != CounterResetHint::kGauge) {
    histogram.hint = IsSureToGoOn(newest_, histogram) ? CounterResetHint::kNotCounterReset
                                                      : CounterResetHint::kUnknown;
  }
  if (newest_.layout != nullptr && newest_.layout != histogram.layout &&
      SameBits(*newest_.layout, *histogram.layout)) {
    histogram.layout = newest_.layout;
  }
  if (empty()) first_timestamp_ = last_timestamp_ = timestamp;
  AppendVarint(static_cast<uint64_t>(timestamp) - static_cast<uint64_t>(last_timestamp_), &bytes_);
  if (empty()) {
    AppendHistogram(histogram.view(), &bytes_);
  } else {
    AppendHistogram(histogram, newest_, &bytes_);
  }
  last_timestamp_ = timestamp;
  ++num_samples_;
  std::swap(newest_, histogram);
}

bool OpenHistograms::DecodeInto(HistogramColumns& out, size_t size, TimestampMs from) const {
  static thread_local HistogramRow row;  // for its space
  row.layout = nullptr;
  row.has_whole_counts = true;
  std::string_view rest = bytes_;
  auto timestamp = static_cast<uint64_t>(first_timestamp_);
  for (size_t i = 0; i < std::min<size_t>(size, num_samples_); ++i) {
    const std::optional<uint64_t> step = ConsumeVarint(rest);
    if (!step || (*step == 0) != (i == 0) || !ConsumeHistogram(rest, &row)) return false;
    timestamp += *step;
    if (i == 0 && row.layout != nullptr && newest_.layout != nullptr &&
        SameBits(*row.layout, *newest_.layout)) {
      row.layout = newest_.layout;  // so that neighbours share it
    }
    const auto t = static_cast<TimestampMs>(timestamp);
    if (t >= from) out.push_back(t, row.view());
  }
  return size < num_samples_ || rest.empty();
}

void OpenHistograms::Decode(HistogramColumns& out, size_t size, TimestampMs from) const {
  DecodeInto(out, size, from);
}

std::string OpenHistograms::Seal() {
  static thread_local HistogramColumns histograms;  // for its space
  histograms.clear();
  Decode(histograms);
  std::string chunk;
  // Of so few samples there are never too many buckets.
  EncodeChunk(histograms, 0, histograms.size(), &chunk).IgnoreError();
  num_samples_ = 0;
  bytes_.clear();
  bytes_.shrink_to_fit();
  return chunk;
}

void OpenHistograms::Save(std::string* out) const {
  out->push_back(kImageVersion);
  std::string newest;
  AppendHistogram(newest_.view(), &newest);
  AppendLengthPrefixed(newest, out);
  AppendVarint(num_samples_, out);
  if (empty()) return;
  AppendVarint(ZigZag(first_timestamp_), out);
  AppendVarint(static_cast<uint64_t>(last_timestamp_) - static_cast<uint64_t>(first_timestamp_),
               out);
  AppendLengthPrefixed(bytes_, out);
}

absl::StatusOr<OpenHistograms> OpenHistograms::Load(std::string_view& bytes) {
  if (bytes.empty() || bytes.front() < kFirstImageVersion || bytes.front() > kImageVersion) {
    return DamagedImage();
  }
  bytes.remove_prefix(1);
  OpenHistograms loaded;
  std::optional<std::string_view> part = ConsumeLengthPrefixed(bytes);
  if (!part || !ConsumeHistogram(*part, &loaded.newest_) || !part->empty()) return DamagedImage();
  const std::optional<uint64_t> count = ConsumeVarint(bytes);
  if (!count || *count > kMaxSamplesInImage) return DamagedImage();
  if (*count == 0) return loaded;
  const std::optional<uint64_t> first = ConsumeVarint(bytes), length = ConsumeVarint(bytes);
  if (!first || !length) return DamagedImage();
  part = ConsumeLengthPrefixed(bytes);
  if (!part) return DamagedImage();
  loaded.num_samples_ = static_cast<uint32_t>(*count);
  loaded.first_timestamp_ = UnZigZag(*first);
  loaded.last_timestamp_ =
      static_cast<TimestampMs>(static_cast<uint64_t>(loaded.first_timestamp_) + *length);
  loaded.bytes_ = *part;
  HistogramColumns decoded;
  if (!loaded.DecodeInto(decoded, SIZE_MAX, kMinTimestamp)) return DamagedImage();
  const auto times = decoded.timestamps();
  if (!std::is_sorted(times.begin(), times.end()) || times.back() != loaded.last_timestamp_) {
    return DamagedImage();
  }
  for (size_t i = 0; i < decoded.size(); ++i) {
    if (decoded[i].is_float != loaded.is_float()) return DamagedImage();
  }
  return loaded;
}

}  // namespace tidemark::tsdb
