#include "http/remote/histogram_message.h"

#include <utility>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/model/bucket_deltas.h"
#include "base/model/histogram_resolution.h"
#include "base/model/histogram_validation.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// Fields of the messages.
constexpr uint32_t kCountInt = 1, kCountFloat = 2, kSum = 3, kSchema = 4, kZeroThreshold = 5,
                   kZeroCountInt = 6, kZeroCountFloat = 7, kNegativeSpan = 8, kNegativeDelta = 9,
                   kNegativeCount = 10, kPositiveSpan = 11, kPositiveDelta = 12,
                   kPositiveCount = 13, kResetHint = 14, kTimestamp = 15, kCustomValue = 16,
                   kStartTimestamp = 17;
constexpr uint32_t kSpanOffset = 1, kSpanLength = 2;

// Passes over a field that is not known. One with the number of a known field is of the wrong type,
// as the right one was taken care of.
void Skip(pbf_reader& reader, uint32_t largest_known_field) {
  if (reader.tag() <= largest_known_field) throw protozero::unknown_pbf_wire_type_exception();
  reader.skip();
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

CounterResetHint ToHint(int32_t value) {
  const bool known = value >= 0 && value <= static_cast<int32_t>(CounterResetHint::kGauge);
  return known ? static_cast<CounterResetHint>(value) : CounterResetHint::kUnknown;
}

}  // namespace

// What a message says that goes into no vector.
struct HistogramReader::Fields {
  TimestampMs timestamp = 0;
  CounterResetHint hint = CounterResetHint::kUnknown;
  bool is_float = false;
  uint64_t count = 0, zero_count = 0;
  double float_count = 0, float_zero_count = 0, sum = 0;
};

void HistogramReader::Clear() {
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

// Throws where the message is damaged.
HistogramReader::Fields HistogramReader::ReadFields(std::string_view message) {
  Fields fields;
  pbf_reader reader(message.data(), message.size());
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case VarintTag(kCountInt):
        fields.count = reader.get_uint64();
        fields.is_float = false;
        break;
      case Fixed64Tag(kCountFloat):
        fields.float_count = reader.get_double();
        fields.is_float = true;
        break;
      case Fixed64Tag(kSum):
        fields.sum = reader.get_double();
        break;
      case VarintTag(kSchema):
        layout_.schema = reader.get_sint32();
        break;
      case Fixed64Tag(kZeroThreshold):
        layout_.zero_threshold = reader.get_double();
        break;
      case VarintTag(kZeroCountInt):
        fields.zero_count = reader.get_uint64();
        break;
      case Fixed64Tag(kZeroCountFloat):
        fields.float_zero_count = reader.get_double();
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
      case VarintTag(kResetHint):
        fields.hint = ToHint(reader.get_enum());
        break;
      case VarintTag(kTimestamp):
        fields.timestamp = reader.get_int64();
        break;
      case BytesTag(kCustomValue):
        AddDoubles(reader, layout_.custom_values);
        break;
      case Fixed64Tag(kCustomValue):
        layout_.custom_values.push_back(reader.get_double());
        break;
      case VarintTag(kStartTimestamp):
        reader.skip();
        break;
      default:
        Skip(reader, kStartTimestamp);
    }
  }
  return fields;
}

std::shared_ptr<const HistogramLayout> HistogramReader::Layout() {
  if (last_layout_ == nullptr || !SameBits(*last_layout_, layout_)) {
    last_layout_ = std::make_shared<const HistogramLayout>(layout_);
  }
  return last_layout_;
}

absl::Status HistogramReader::Read(std::string_view message, WrittenHistogram* histogram) {
  Clear();
  try {
    const Fields fields = ReadFields(message);
    histogram->timestamp = fields.timestamp;
    if (fields.is_float) {
      histogram->value = FloatHistogramSample{
          fields.hint, Layout(),         fields.float_count, fields.float_zero_count,
          fields.sum,  positive_floats_, negative_floats_};
      return absl::OkStatus();
    }
    histogram->value = HistogramSample{fields.hint, Layout(),  fields.count, fields.zero_count,
                                       fields.sum,  positive_, negative_};
  } catch (const protozero::exception& e) {
    return absl::InvalidArgumentError(StrCat("bad histogram: ", std::string_view(e.what())));
  }
  histogram->counts_error = CheckSummedDeltas(positive_, negative_);
  return absl::OkStatus();
}

absl::Status CheckHistogram(WrittenHistogram& histogram) {
  RETURN_IF_ERROR(histogram.counts_error);
  return std::visit(
      [](auto& value) -> absl::Status {
        RETURN_IF_ERROR(ReduceToKnownSchema(value));
        return ValidateHistogram(value);
      },
      histogram.value);
}

void AppendHistogram(SeriesRef series, WrittenHistogram histogram, tsdb::Appender& appender) {
  std::visit([&](auto& value) { appender.Append(series, histogram.timestamp, std::move(value)); },
             histogram.value);
}

}  // namespace tidemark::http
