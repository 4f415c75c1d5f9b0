#include "tsdb/import/wal_record.h"

#include <bit>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/codec/histogram_row.h"
#include "tsdb/import/byte_decoder.h"

// A byte for the type and then, of 1 series: each 8 ref, v number of labels, v length and bytes of
// each name and value. 2 samples: 8 ref and 8 timestamp that differences refer to, then each
// z ref difference, z timestamp difference, 8 value. 11 samples with start times: of the first
// z ref, z timestamp, z start; of the others z difference to the ref before, z difference to the
// first timestamp, 1 how the start is given (0 none, 1 as before, 2 z difference to the first one);
// then 8 value. 7 and 9 integer histograms, 8 and 10 float histograms, 9 and 10 with custom
// buckets: as 2 with the histogram instead of the value; 12 and 13 those with start times: as 11. A
// histogram: 1 counter reset hint, z schema, 8 zero threshold, v zero count, v count, 8 sum,
// positive and negative spans: v number, each z offset, v length; positive and negative buckets: v
// number, each z as difference to the one before; with custom buckets v number, each 8 bound. In
// float ones counts and buckets are 8 bytes each. 3 tombstones: each 8 ref, z first and z last
// time. Integers are big-endian, v is a varint, z a zigzag one.

namespace tidemark::tsdb {
namespace {

enum RecordType : uint8_t {
  kSeries = 1,
  kSamples = 2,
  kTombstones = 3,
  kExemplars = 4,
  kMmapMarkers = 5,
  kMetadata = 6,
  kHistogramSamples = 7,
  kFloatHistogramSamples = 8,
  kCustomBucketsHistogramSamples = 9,
  kCustomBucketsFloatHistogramSamples = 10,
  kSamplesWithStart = 11,
  kHistogramSamplesWithStart = 12,
  kFloatHistogramSamplesWithStart = 13,
  kMinValidTime = 14,
};

constexpr uint8_t kExplicitStart = 2;

int64_t Sum(int64_t a, int64_t b) {  // wraps, as in Go
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

LabelSet ReadLabels(ByteDecoder& decoder) {
  LabelSetBuilder builder;
  for (uint64_t left = decoder.Uvarint(); left > 0 && decoder.ok(); --left) {
    const std::string_view name = decoder.LengthPrefixed();
    builder.Set(name, decoder.LengthPrefixed());
  }
  return builder.Build();
}

void ReadSeries(ByteDecoder& decoder, WalRecord& record) {
  while (!decoder.empty()) {
    const uint64_t ref = decoder.Be64();
    record.series.push_back({ref, ReadLabels(decoder)});
  }
}

// Gives the references and times of samples without start times to `visit`, which reads the value.
template <typename Visit>
void ReadPlaces(ByteDecoder& decoder, Visit visit) {
  if (decoder.empty()) return;
  const uint64_t base_ref = decoder.Be64();
  const auto base_time = static_cast<TimestampMs>(decoder.Be64());
  while (!decoder.empty()) {
    const uint64_t ref = base_ref + static_cast<uint64_t>(decoder.Varint());
    const TimestampMs timestamp = Sum(base_time, decoder.Varint());
    visit(ref, timestamp);
  }
}

template <typename Visit>
void ReadPlacesWithStart(ByteDecoder& decoder, Visit visit) {
  uint64_t ref = 0;
  TimestampMs first_time = 0;
  for (bool first = true; !decoder.empty(); first = false) {
    ref += static_cast<uint64_t>(decoder.Varint());
    const TimestampMs timestamp = Sum(first_time, decoder.Varint());
    if (first) first_time = timestamp;
    // Start times have no place here yet.
    if (first || decoder.Byte() == kExplicitStart) decoder.Varint();
    visit(ref, timestamp);
  }
}

double ReadDouble(ByteDecoder& decoder) { return std::bit_cast<double>(decoder.Be64()); }

// A number of things, each of some bytes: never more than bytes are left.
size_t ReadCount(ByteDecoder& decoder) {
  const uint64_t count = decoder.Uvarint();
  if (count <= decoder.rest().size()) return count;
  decoder.Bytes(count);  // fails
  return 0;
}

std::vector<BucketSpan> ReadSpans(ByteDecoder& decoder) {
  std::vector<BucketSpan> spans(ReadCount(decoder));
  for (BucketSpan& span : spans) {
    span.offset = static_cast<int32_t>(decoder.Varint());
    span.length = static_cast<uint32_t>(decoder.Uvarint());
  }
  return spans;
}

std::vector<double> ReadDoubles(ByteDecoder& decoder) {
  std::vector<double> values(ReadCount(decoder));
  for (double& value : values) value = ReadDouble(decoder);
  return values;
}

std::vector<uint64_t> ReadBuckets(ByteDecoder& decoder) {
  std::vector<uint64_t> counts(ReadCount(decoder));
  uint64_t count = 0;
  for (uint64_t& c : counts) c = count += static_cast<uint64_t>(decoder.Varint());
  return counts;
}

// Reads one histogram; false where it cannot be one.
template <typename Count>
bool ReadHistogram(ByteDecoder& decoder, BasicHistogramSample<Count>& h) {
  constexpr bool kIsFloat = std::is_same_v<Count, double>;
  const uint8_t hint = decoder.Byte();
  if (hint > static_cast<uint8_t>(CounterResetHint::kGauge)) return false;
  h.counter_reset_hint = static_cast<CounterResetHint>(hint);
  HistogramLayout layout;
  layout.schema = static_cast<int32_t>(decoder.Varint());
  layout.zero_threshold = ReadDouble(decoder);
  if constexpr (kIsFloat) {
    h.zero_count = ReadDouble(decoder);
    h.count = ReadDouble(decoder);
  } else {
    h.zero_count = decoder.Uvarint();
    h.count = decoder.Uvarint();
  }
  h.sum = ReadDouble(decoder);
  layout.positive_spans = ReadSpans(decoder);
  layout.negative_spans = ReadSpans(decoder);
  if constexpr (kIsFloat) {
    h.positive_counts = ReadDoubles(decoder);
    h.negative_counts = ReadDoubles(decoder);
  } else {
    h.positive_counts = ReadBuckets(decoder);
    h.negative_counts = ReadBuckets(decoder);
  }
  if (layout.schema == kCustomBucketsSchema) layout.custom_values = ReadDoubles(decoder);
  const size_t num_positive = NumBuckets(layout.positive_spans);
  const size_t num_negative = NumBuckets(layout.negative_spans);
  h.layout = std::make_shared<const HistogramLayout>(std::move(layout));
  return decoder.ok() && h.positive_counts.size() == num_positive &&
         h.negative_counts.size() == num_negative &&
         num_positive + num_negative <= kMaxHistogramBuckets;
}

// Adds a histogram to the record; from one that cannot be one on nothing is read.
template <typename Sample>
void AddHistogram(uint64_t ref, TimestampMs timestamp, ByteDecoder& decoder, WalRecord& record) {
  Sample sample;
  if (!ReadHistogram(decoder, sample)) {
    decoder.Bytes(decoder.rest().size() + 1);  // fails
    return;
  }
  AppendHistogram(sample,
                  &record.histograms.emplace_back(WalRecord::Histogram{ref, timestamp, {}}).bytes);
}

void ReadHistograms(uint8_t type, ByteDecoder& decoder, WalRecord& record) {
  const bool is_float = type == kFloatHistogramSamples ||
                        type == kCustomBucketsFloatHistogramSamples ||
                        type == kFloatHistogramSamplesWithStart;
  const auto read = [&](uint64_t ref, TimestampMs timestamp) {
    if (is_float) return AddHistogram<FloatHistogramSample>(ref, timestamp, decoder, record);
    AddHistogram<HistogramSample>(ref, timestamp, decoder, record);
  };
  const bool has_start =
      type == kHistogramSamplesWithStart || type == kFloatHistogramSamplesWithStart;
  has_start ? ReadPlacesWithStart(decoder, read) : ReadPlaces(decoder, read);
}

void ReadTombstones(ByteDecoder& decoder, WalRecord& record) {
  while (!decoder.empty()) {
    const uint64_t ref = decoder.Be64();
    const TimestampMs min = decoder.Varint(), max = decoder.Varint();
    // Prometheus cuts the range to the time of the series, of which nothing may be left.
    if (min <= max) record.tombstones.push_back({ref, {min, max}});
  }
}

}  // namespace

absl::Status DecodeWalRecord(std::string_view bytes, WalRecord& record) {
  record.series.clear();
  record.samples.clear();
  record.histograms.clear();
  record.tombstones.clear();
  ByteDecoder decoder(bytes);
  const uint8_t type = decoder.Byte();
  const auto read_float = [&](uint64_t ref, TimestampMs timestamp) {
    record.samples.push_back({ref, timestamp, ReadDouble(decoder)});
  };
  switch (type) {
    case kSeries:
      record.type = WalRecord::Type::kSeries;
      ReadSeries(decoder, record);
      break;
    case kSamples:
      record.type = WalRecord::Type::kSamples;
      ReadPlaces(decoder, read_float);
      break;
    case kSamplesWithStart:
      record.type = WalRecord::Type::kSamples;
      ReadPlacesWithStart(decoder, read_float);
      break;
    case kTombstones:
      record.type = WalRecord::Type::kTombstones;
      ReadTombstones(decoder, record);
      break;
    case kExemplars:
      record.type = WalRecord::Type::kExemplars;
      break;
    case kMetadata:
      record.type = WalRecord::Type::kMetadata;
      break;
    case kHistogramSamples:
    case kFloatHistogramSamples:
    case kCustomBucketsHistogramSamples:
    case kCustomBucketsFloatHistogramSamples:
    case kHistogramSamplesWithStart:
    case kFloatHistogramSamplesWithStart:
      record.type = WalRecord::Type::kHistograms;
      ReadHistograms(type, decoder, record);
      break;
    case kMmapMarkers:
    case kMinValidTime:
      record.type = WalRecord::Type::kMarkers;
      break;
    default:
      return absl::DataLossError(StrCat("record of unknown type ", type));
  }
  if (!decoder.ok()) {
    return absl::DataLossError(StrCat("record of type ", type, " is damaged"));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::tsdb
