#include "base/model/wire_buckets.h"

#include <string_view>

#include <protozero/pbf_reader.hpp>
#include <protozero/varint.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark {
namespace {

using protozero::pbf_reader;

// The fields, counted from the first.
constexpr uint32_t kSchema = 0, kZeroThreshold = 1, kZeroCount = 2, kFloatZeroCount = 3,
                   kNegativeSpan = 4, kNegativeDelta = 5, kNegativeCount = 6, kPositiveSpan = 7,
                   kPositiveDelta = 8, kPositiveCount = 9;
constexpr uint32_t kSpanOffset = 1, kSpanLength = 2;

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
        SkipUnknown(reader, kSpanLength);
    }
  }
  return span;
}

// Sums wrap around, as in Prometheus.
void AddDelta(int64_t delta, std::vector<uint64_t>& counts) {
  counts.push_back((counts.empty() ? 0 : counts.back()) + static_cast<uint64_t>(delta));
}
// As get_packed_sint64 reads them, which decodes each twice.
void AddDeltas(pbf_reader& reader, std::vector<uint64_t>& counts) {
  const protozero::data_view packed = reader.get_view();
  const char* at = packed.data();
  const char* const end = at + packed.size();
  uint64_t count = counts.empty() ? 0 : counts.back();
  while (at != end) {
    const uint64_t zigzag = protozero::decode_varint(&at, end);
    count += static_cast<uint64_t>(protozero::decode_zigzag64(zigzag));
    counts.push_back(count);
  }
}
void AddDoubles(pbf_reader& reader, std::vector<double>& values) {
  const auto packed = reader.get_packed_double();
  values.insert(values.end(), packed.begin(), packed.end());
}

absl::Status CheckSide(std::string_view side, const std::vector<uint64_t>& counts) {
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto count = static_cast<int64_t>(counts[i]);
    if (count >= 0) continue;
    return absl::InvalidArgumentError(
        StrCat(side, " side: bucket number ", i + 1, " has observation count of ", count,
               ": histogram has a bucket whose observation count is negative"));
  }
  return absl::OkStatus();
}

}  // namespace

void WireBuckets::Clear() {
  zero_count_ = 0;
  float_zero_count_ = 0;
  layout_.schema = 0;
  layout_.zero_threshold = 0;
  layout_.positive_spans.clear();
  layout_.negative_spans.clear();
  layout_.custom_values.clear();
  positive_.clear();
  negative_.clear();
  positive_floats_.clear();
  negative_floats_.clear();
}

bool WireBuckets::TakeField(pbf_reader& reader) {
  switch (reader.tag_and_type() - VarintTag(first_field_)) {
    case VarintTag(kSchema):
      layout_.schema = reader.get_sint32();
      return true;
    case Fixed64Tag(kZeroThreshold):
      layout_.zero_threshold = reader.get_double();
      return true;
    case VarintTag(kZeroCount):
      zero_count_ = reader.get_uint64();
      return true;
    case Fixed64Tag(kFloatZeroCount):
      float_zero_count_ = reader.get_double();
      return true;
    case BytesTag(kNegativeSpan):
      layout_.negative_spans.push_back(ReadSpan(reader.get_message()));
      return true;
    case BytesTag(kNegativeDelta):
      AddDeltas(reader, negative_);
      return true;
    case VarintTag(kNegativeDelta):
      AddDelta(reader.get_sint64(), negative_);
      return true;
    case BytesTag(kNegativeCount):
      AddDoubles(reader, negative_floats_);
      return true;
    case Fixed64Tag(kNegativeCount):
      negative_floats_.push_back(reader.get_double());
      return true;
    case BytesTag(kPositiveSpan):
      layout_.positive_spans.push_back(ReadSpan(reader.get_message()));
      return true;
    case BytesTag(kPositiveDelta):
      AddDeltas(reader, positive_);
      return true;
    case VarintTag(kPositiveDelta):
      AddDelta(reader.get_sint64(), positive_);
      return true;
    case BytesTag(kPositiveCount):
      AddDoubles(reader, positive_floats_);
      return true;
    case Fixed64Tag(kPositiveCount):
      positive_floats_.push_back(reader.get_double());
      return true;
    default:
      return false;
  }
}

void WireBuckets::TakeCustomValues(pbf_reader& reader) {
  if (reader.wire_type() == protozero::pbf_wire_type::length_delimited) {
    AddDoubles(reader, layout_.custom_values);
  } else {
    layout_.custom_values.push_back(reader.get_double());
  }
}

const std::shared_ptr<const HistogramLayout>& WireBuckets::SharedLayout() {
  if (last_layout_ == nullptr || !SameBits(*last_layout_, layout_)) {
    last_layout_ = std::make_shared<const HistogramLayout>(layout_);
  }
  return last_layout_;
}

HistogramSample WireBuckets::Integer(CounterResetHint hint, uint64_t count, double sum) {
  return {hint, SharedLayout(), count, zero_count_, sum, positive_, negative_};
}

FloatHistogramSample WireBuckets::Float(CounterResetHint hint, double count, double sum) {
  return {hint, SharedLayout(), count, float_zero_count_, sum, positive_floats_, negative_floats_};
}

absl::Status WireBuckets::CheckCounts() const {
  RETURN_IF_ERROR(CheckSide("negative", negative_));
  return CheckSide("positive", positive_);
}

}  // namespace tidemark
