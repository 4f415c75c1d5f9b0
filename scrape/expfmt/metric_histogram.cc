#include "scrape/expfmt/metric_histogram.h"

#include <cmath>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/model/staleness.h"
#include "base/status_macros.h"
#include "base/strings.h"
#include "scrape/expfmt/protobuf_time.h"

namespace tidemark::scrape {
namespace {

using protozero::pbf_reader;

// Fields of the messages.
constexpr uint32_t kCount = 1, kSum = 2, kBucket = 3, kFloatCount = 4, kFirstOfNative = 5,
                   kLastOfNative = 14, kCreated = 15, kExemplar = 16;
constexpr uint32_t kBucketCount = 1, kBucketBound = 2, kBucketExemplar = 3, kBucketFloatCount = 4;

std::string_view ToView(protozero::data_view view) { return {view.data(), view.size()}; }

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
        bucket.exemplar = ToView(reader.get_view());
        break;
      default:
        SkipUnknown(reader, kBucketFloatCount);
    }
  }
  bucket.cumulative_count = float_count > 0 ? float_count : static_cast<double>(count);
  return bucket;
}

}  // namespace

MetricHistogram::MetricHistogram() : native_(kFirstOfNative) {}

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
      case BytesTag(kCreated):
        created_ = ReadProtobufTime(ToView(reader.get_view()));
        break;
      case BytesTag(kExemplar):
        exemplars_.push_back(ToView(reader.get_view()));
        break;
      default:
        if (!native_.TakeField(reader)) SkipUnknown(reader, kLastOfNative);
    }
  }
}

absl::Status MetricHistogram::Read(std::string_view message) {
  count_ = 0;
  float_count_ = sum_ = 0;
  created_.reset();
  buckets_.clear();
  exemplars_.clear();
  native_.Clear();
  try {
    ReadFields(message);
  } catch (const protozero::exception& e) {
    return absl::InvalidArgumentError(StrCat("bad histogram: ", std::string_view(e.what())));
  }
  return absl::OkStatus();
}

absl::Status MetricHistogram::MakeNative(
    bool is_gauge, std::variant<HistogramSample, FloatHistogramSample>* native) {
  const auto hint = is_gauge ? CounterResetHint::kGauge : CounterResetHint::kUnknown;
  if (has_float_count() || native_.float_zero_count() > 0) {
    *native = native_.Float(hint, float_count_, sum_);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(native_.CheckCounts());
  *native = native_.Integer(hint, count_, sum_);
  return absl::OkStatus();
}

}  // namespace tidemark::scrape
