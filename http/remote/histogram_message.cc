#include "http/remote/histogram_message.h"

#include <utility>

#include <protozero/pbf_reader.hpp>

#include "base/io/protobuf_tag.h"
#include "base/io/protobuf_unknown.h"
#include "base/model/histogram_resolution.h"
#include "base/model/histogram_validation.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

using protozero::pbf_reader;

// Fields of the messages.
constexpr uint32_t kCountInt = 1, kCountFloat = 2, kSum = 3, kFirstOfBuckets = 4, kResetHint = 14,
                   kTimestamp = 15, kCustomValue = 16, kStartTimestamp = 17;

CounterResetHint ToHint(int32_t value) {
  const bool known = value >= 0 && value <= static_cast<int32_t>(CounterResetHint::kGauge);
  return known ? static_cast<CounterResetHint>(value) : CounterResetHint::kUnknown;
}

}  // namespace

// What a message says but for its buckets.
struct HistogramReader::Fields {
  TimestampMs timestamp = 0;
  CounterResetHint hint = CounterResetHint::kUnknown;
  bool is_float = false;
  uint64_t count = 0;
  double float_count = 0, sum = 0;
};

HistogramReader::HistogramReader() : buckets_(kFirstOfBuckets) {}

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
      case VarintTag(kResetHint):
        fields.hint = ToHint(reader.get_enum());
        break;
      case VarintTag(kTimestamp):
        fields.timestamp = reader.get_int64();
        break;
      case BytesTag(kCustomValue):
      case Fixed64Tag(kCustomValue):
        buckets_.TakeCustomValues(reader);
        break;
      case VarintTag(kStartTimestamp):
        reader.skip();
        break;
      default:
        if (!buckets_.TakeField(reader)) SkipUnknown(reader, kStartTimestamp);
    }
  }
  return fields;
}

absl::Status HistogramReader::Read(std::string_view message, WrittenHistogram* histogram) {
  buckets_.Clear();
  try {
    const Fields fields = ReadFields(message);
    histogram->timestamp = fields.timestamp;
    if (fields.is_float) {
      histogram->value = buckets_.Float(fields.hint, fields.float_count, fields.sum);
      return absl::OkStatus();
    }
    histogram->value = buckets_.Integer(fields.hint, fields.count, fields.sum);
  } catch (const protozero::exception& e) {
    return absl::InvalidArgumentError(StrCat("bad histogram: ", std::string_view(e.what())));
  }
  histogram->counts_error = buckets_.CheckCounts();
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
