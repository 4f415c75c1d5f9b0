#include "tsdb/import/histogram_chunk.h"

#include <bit>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "base/model/staleness.h"
#include "base/strings.h"
#include "tsdb/codec/histogram_row.h"
#include "tsdb/import/bit_reader.h"

// 2  number of samples, big-endian
// 1  the two highest bits: 3 for gauges
//    then a stream of bits, high bits first; u and i are unsigned and signed varbits (BitReader):
//    zero threshold: 8 bits, 0 is 0, 255 comes before the 64 bits of a double, else 2^(it - 244)
//    i schema; positive and negative spans: u number, then each u length, i offset
//    with custom buckets: u number, then each u, 0 before the 64 bits of a double, else
//    (it - 1) / 1000
//    samples: i t0; of integer histograms u count, u zero count, 64 bits sum, each bucket i as
//    difference to the one before; of float ones all as 64 bits. Every further one has i deltas of
//    deltas of all that, but the sum, and of float histograms the counts, XOR the one before
//    (XorReader). A stale one ends with its sum.

namespace tidemark::tsdb {
namespace {

constexpr size_t kHeaderBytes = 3;
constexpr uint8_t kHeaderMask = 0xc0, kGaugeHeader = 0xc0;

double ReadDouble(BitReader& bits) { return std::bit_cast<double>(bits.Read(64)); }

double ReadZeroThreshold(BitReader& bits) {
  const uint64_t head = bits.Read(8);
  if (head == 0) return 0;
  return head == 255 ? ReadDouble(bits) : std::ldexp(0.5, static_cast<int>(head) - 243);
}

std::vector<BucketSpan> ReadSpans(BitReader& bits) {
  std::vector<BucketSpan> spans;
  for (uint64_t left = bits.ReadVarbitUnsigned(); left > 0 && bits.ok(); --left) {
    const uint64_t length = bits.ReadVarbitUnsigned();
    const int64_t offset = bits.ReadVarbit();
    spans.push_back({static_cast<int32_t>(offset), static_cast<uint32_t>(length)});
  }
  return spans;
}

std::vector<double> ReadBounds(BitReader& bits) {
  std::vector<double> bounds;
  for (uint64_t left = bits.ReadVarbitUnsigned(); left > 0 && bits.ok(); --left) {
    const uint64_t thousandths = bits.ReadVarbitUnsigned();
    bounds.push_back(thousandths == 0 ? ReadDouble(bits)
                                      : static_cast<double>(thousandths - 1) / 1000);
  }
  return bounds;
}

HistogramLayout ReadLayout(BitReader& bits) {
  HistogramLayout layout;
  layout.zero_threshold = ReadZeroThreshold(bits);
  layout.schema = static_cast<int32_t>(bits.ReadVarbit());
  layout.positive_spans = ReadSpans(bits);
  layout.negative_spans = ReadSpans(bits);
  if (layout.schema == kCustomBucketsSchema) layout.custom_values = ReadBounds(bits);
  return layout;
}

// A number of which the differences of differences are stored.
struct Tracked {
  int64_t value = 0, delta = 0;
  void Next(BitReader& bits) {
    delta = Add(delta, bits.ReadVarbit());
    value = Add(value, delta);
  }
  static int64_t Add(int64_t a, int64_t b) {  // wraps, as in Go
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
};

// A double that is stored as XOR with the one before.
struct Xored {
  uint64_t value = 0;
  XorReader reader = {};
  bool Next(BitReader& bits) { return reader.Next(bits, value); }
};

class ChunkReader {
 public:
  ChunkReader(std::string_view data, bool is_float)
      : is_float_(is_float),
        is_gauge_((static_cast<uint8_t>(data[2]) & kHeaderMask) == kGaugeHeader),
        bits_(data.substr(kHeaderBytes)) {}

  // False where the data cannot be a chunk. Not for one without samples.
  bool ReadFirst() {
    row_.layout = std::make_shared<const HistogramLayout>(ReadLayout(bits_));
    const size_t num_positive = NumBuckets(row_.layout->positive_spans);
    const size_t num_negative = NumBuckets(row_.layout->negative_spans);
    if (!bits_.ok() || num_positive > kMaxHistogramBuckets || num_negative > kMaxHistogramBuckets ||
        num_positive + num_negative > kMaxHistogramBuckets) {
      return false;
    }
    row_.num_positive = num_positive;
    row_.buckets.resize(num_positive + num_negative);
    time_.value = bits_.ReadVarbit();
    if (is_float_) {
      floats_.resize(row_.buckets.size() + 2);
      floats_[0].value = bits_.Read(64);
      floats_[1].value = bits_.Read(64);
      sum_.value = bits_.Read(64);
      for (size_t k = 2; k < floats_.size(); ++k) floats_[k].value = bits_.Read(64);
    } else {
      integers_.resize(row_.buckets.size() + 2);
      integers_[0].value = static_cast<int64_t>(bits_.ReadVarbitUnsigned());
      integers_[1].value = static_cast<int64_t>(bits_.ReadVarbitUnsigned());
      sum_.value = bits_.Read(64);
      for (size_t k = 2; k < integers_.size(); ++k) integers_[k].value = bits_.ReadVarbit();
    }
    return Fill(/*is_first=*/true);
  }

  bool ReadNext() {
    time_.Next(bits_);
    for (size_t k = 0; k < 2; ++k) {
      if (!NextCount(k)) return false;
    }
    if (!sum_.Next(bits_)) return false;
    if (!IsStaleMarker(std::bit_cast<double>(sum_.value))) {
      for (size_t k = 2; k < row_.buckets.size() + 2; ++k) {
        if (!NextCount(k)) return false;
      }
    }
    return Fill(/*is_first=*/false);
  }

  TimestampMs timestamp() const { return time_.value; }
  HistogramView view() const { return is_stale_ ? stale_.view() : row_.view(); }

 private:
  // Of the count, the zero count, and then of the buckets.
  bool NextCount(size_t k) {
    if (is_float_) return floats_[k].Next(bits_);
    integers_[k].Next(bits_);
    return bits_.ok();
  }

  bool Fill(bool is_first) {
    row_.sum = std::bit_cast<double>(sum_.value);
    is_stale_ = IsStaleMarker(row_.sum);
    row_.hint = is_gauge_                ? CounterResetHint::kGauge
                : is_first || was_stale_ ? CounterResetHint::kUnknown
                                         : CounterResetHint::kNotCounterReset;
    was_stale_ = is_stale_;
    if (!bits_.ok()) return false;
    return is_stale_ || (is_float_ ? FillFloats() : FillIntegers());
  }
  bool FillFloats() {
    const auto value = [&](size_t k) { return std::bit_cast<double>(floats_[k].value); };
    row_.is_float = true;
    row_.count = value(0);
    row_.zero_count = value(1);
    for (size_t k = 0; k < row_.buckets.size(); ++k) row_.buckets[k] = value(k + 2);
    return true;
  }
  bool FillIntegers() {
    row_.is_float = false;
    const auto set = [&](int64_t value, double& count) {
      const auto whole = static_cast<uint64_t>(value);
      if (whole > kMaxExactCount) row_.is_float = true;
      count = static_cast<double>(whole);
      return value >= 0;
    };
    if (!set(integers_[0].value, row_.count) || !set(integers_[1].value, row_.zero_count)) {
      return false;
    }
    int64_t bucket = 0;
    for (size_t k = 0; k < row_.buckets.size(); ++k) {
      if (k == row_.num_positive) bucket = 0;
      bucket = Tracked::Add(bucket, integers_[k + 2].value);
      if (!set(bucket, row_.buckets[k])) return false;
    }
    return true;
  }

  const bool is_float_, is_gauge_;
  BitReader bits_;
  Tracked time_;
  std::vector<Tracked> integers_;  // count, zero count, buckets as differences to the one before
  std::vector<Xored> floats_;      // count, zero count, buckets
  Xored sum_;
  bool is_stale_ = false, was_stale_ = false;
  HistogramRow row_;
  const HistogramRow stale_ = StaleHistogram(is_float_);
};

}  // namespace

absl::Status DecodeHistogramChunk(std::string_view data, bool is_float, HistogramColumns& out) {
  const size_t num_before = out.size();
  const auto damaged = [&](size_t i) {
    out.Truncate(num_before);
    return absl::DataLossError(StrCat("chunk of histograms is damaged at sample ", i));
  };
  if (data.size() < kHeaderBytes) return damaged(0);
  const size_t num_samples = NumSamplesOfChunk(data);
  if (num_samples == 0) return absl::OkStatus();
  ChunkReader reader(data, is_float);
  for (size_t i = 0; i < num_samples; ++i) {
    if (!(i == 0 ? reader.ReadFirst() : reader.ReadNext())) return damaged(i);
    if (!out.empty() && out.timestamps().back() >= reader.timestamp()) return damaged(i);
    out.push_back(reader.timestamp(), reader.view());
  }
  return absl::OkStatus();
}

absl::Status DecodePrometheusChunk(ChunkEncoding encoding, std::string_view data,
                                   SampleColumns& out) {
  switch (encoding) {
    case ChunkEncoding::kXor:
      return DecodeXorChunk(data, out);
    case ChunkEncoding::kHistogram:
    case ChunkEncoding::kFloatHistogram:
      return DecodeHistogramChunk(data, encoding == ChunkEncoding::kFloatHistogram, out.histograms);
    default:
      return absl::DataLossError(StrCat("unknown encoding ", static_cast<int>(encoding)));
  }
}

}  // namespace tidemark::tsdb
