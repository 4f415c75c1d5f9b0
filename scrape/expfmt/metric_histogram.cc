#include "scrape/expfmt/metric_histogram.h"

#include <cmath>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/model/bucket_deltas.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/protobuf_time.h"

namespace tidemark::scrape {
namespace {

using protozero::pbf_reader;

// Fields of the messages.
constexpr uint32_t kCount = 1, kSum = 2, kBucket = 3, kFloatCount = 4, kSchema = 5,
                   kZeroThreshold = 6, kZeroCount = 7, kFloatZeroCount = 8, kNegativeSpan = 9,
                   kNegativeDelta = 10, kNegativeCount = 11, kPositiveSpan = 12,
                   kPositiveDelta = 13, kPositiveCount = 14, kCreated = 15;
constexpr uint32_t kBucketCount = 1, kBucketBound = 2, kBucketExemplar = 3, kBucketFloatCount = 4;
constexpr uint32_t kSpanOffset = 1, kSpanLength = 2;

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }

// Passes over a field that is not known. One with the number of a known field is of the wrong type,
// as the right one was taken care of.
void Skip(pbf_reader& reader, uint32_t largest_known_field) {
  if (reader.tag() <= largest_known_field) throw protozero::unknown_pbf_wire_type_exception();
  reader.skip();
}

MetricHistogram::Bucket ReadBucket(pbf_reader reader) {
  MetricHistogram::Bucket bucket;
  uint64_t count = 0;
  double float_count = 0;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(kBucketCount):
        count = reader.get_uint64();
        break;
      case Fixed64Tag(kBucketBound):
        bucket.upper_bound = reader.get_double();
        break;
      case Fixed64Tag(kBucketFloatCount):
        float_count = reader.get_double();
        break;
      case BytesTag(kBucketExemplar):
        reader.skip();
        break;
      default:
        Skip(reader, kBucketFloatCount);
    }
  }
  bucket.cumulative_count = float_count > 0 ? float_count : static_cast<double>(count);
  return bucket;
}

BucketSpan ReadSpan(pbf_reader reader) {
  BucketSpan span;
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(kSpanOffset):
        span.offset = reader.get_sint32();
        break;
      case VarintTag(kSpanLength):
        span.length = reader.get_uint32();
        break;
      default:
        Skip(reader, kSpanLength);
    }
  }
  return span;
}

void AddDeltas(pbf_reader& reader, std::vector<uint64_t>& counts) {
  for (const int64_t delta : reader.get_packed_sint64()) AppendDelta(delta, counts);
}
void AddDoubles(pbf_reader& reader, std::vector<double>& values) {
  const auto packed = reader.get_packed_double();
  values.insert(values.end(), packed.begin(), packed.end());
}

}  // namespace

void MetricHistogram::Clear() {
  count_ = zero_count_ = 0;
  float_count_ = float_zero_count_ = sum_ = 0;
  created_.reset();
  buckets_.clear();
  layout_.schema = 0;
  layout_.zero_threshold = 0;
  layout_.positive_spans.clear();
  layout_.negative_spans.clear();
  positive_.clear();
  negative_.clear();
  positive_floats_.clear();
  negative_floats_.clear();
}

// Throws where the message is damaged.
void MetricHistogram::ReadFields(std::string_view message) {
  pbf_reader reader(message.data(), message.size());
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(kCount):
        count_ = reader.get_uint64();
        break;
      case Fixed64Tag(kSum):
        sum_ = reader.get_double();
        if (std::isnan(sum_)) sum_ = NormalNan();  // no staleness marker comes from outside
        break;
      case BytesTag(kBucket):
        buckets_.push_back(ReadBucket(reader.get_message()));
        break;
      case Fixed64Tag(kFloatCount):
        float_count_ = reader.get_double();
        break;
      case VarintTag(kSchema):
        layout_.schema = reader.get_sint32();
        break;
      case Fixed64Tag(kZeroThreshold):
        layout_.zero_threshold = reader.get_double();
        break;
      case VarintTag(kZeroCount):
        zero_count_ = reader.get_uint64();
        break;
      case Fixed64Tag(kFloatZeroCount):
        float_zero_count_ = reader.get_double();
        break;
      case BytesTag(kNegativeSpan):
        layout_.negative_spans.push_back(ReadSpan(reader.get_message()));
        break;
      case BytesTag(kNegativeDelta):
        AddDeltas(reader, negative_);
        break;
      case VarintTag(kNegativeDelta):
        AppendDelta(reader.get_sint64(), negative_);
        break;
      case BytesTag(kNegativeCount):
        AddDoubles(reader, negative_floats_);
        break;
      case Fixed64Tag(kNegativeCount):
        negative_floats_.push_back(reader.get_double());
        break;
      case BytesTag(kPositiveSpan):
        layout_.positive_spans.push_back(ReadSpan(reader.get_message()));
        break;
      case BytesTag(kPositiveDelta):
        AddDeltas(reader, positive_);
        break;
      case VarintTag(kPositiveDelta):
        AppendDelta(reader.get_sint64(), positive_);
        break;
      case BytesTag(kPositiveCount):
        AddDoubles(reader, positive_floats_);
        break;
      case Fixed64Tag(kPositiveCount):
        positive_floats_.push_back(reader.get_double());
        break;
      case BytesTag(kCreated):
        created_ = ReadProtobufTime(ToView(reader.get_view()));
        break;
      default:
        Skip(reader, kPositiveCount);  // exemplars, too
    }
  }
}

absl::Status MetricHistogram::Read(std::string_view message) {
  Clear();
  try {
    ReadFields(message);
  } catch (const protozero::exception& e) {
    return absl::InvalidArgumentError(StrCat("bad histogram: ", std::string_view(e.what())));
  }
  return absl::OkStatus();
}

std::shared_ptr<const HistogramLayout> MetricHistogram::Layout() {
  if (last_layout_ == nullptr || !SameBits(*last_layout_, layout_)) {
    last_layout_ = std::make_shared<const HistogramLayout>(layout_);
  }
  return last_layout_;
}

absl::Status MetricHistogram::MakeNative(
    bool is_gauge, std::variant<HistogramSample, FloatHistogramSample>* native) {
  const auto hint = is_gauge ? CounterResetHint::kGauge : CounterResetHint::kUnknown;
  if (has_float_count() || float_zero_count_ > 0) {
    *native = FloatHistogramSample{hint, Layout(),         float_count_,    float_zero_count_,
                                   sum_, positive_floats_, negative_floats_};
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckSummedDeltas(positive_, negative_));
  *native = HistogramSample{hint, Layout(), count_, zero_count_, sum_, positive_, negative_};
  return absl::OkStatus();
}

}  // namespace tidemark::scrape
