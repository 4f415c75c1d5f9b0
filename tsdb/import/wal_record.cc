#include "tsdb/import/wal_record.h"

#include <bit>

#include "base/status_macros.h"
#include "base/strings.h"
#include "tsdb/import/byte_decoder.h"

// A byte for the type and then, of 1 series: each 8 ref, v number of labels, v length and bytes of
// each name and value. 2 samples: 8 ref and 8 timestamp that differences refer to, then each
// z ref difference, z timestamp difference, 8 value. 11 samples with start times: of the first
// z ref, z timestamp, z start; of the others z difference to the ref before, z difference to the
// first timestamp, 1 how the start is given (0 none, 1 as before, 2 z difference to the first one);
// then 8 value. 3 tombstones: each 8 ref, z first and z last time. Integers are big-endian, v is a
// varint, z a zigzag one.

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

void ReadSamples(ByteDecoder& decoder, WalRecord& record) {
  if (decoder.empty()) return;
  const uint64_t base_ref = decoder.Be64();
  const auto base_time = static_cast<TimestampMs>(decoder.Be64());
  while (!decoder.empty()) {
    const uint64_t ref = base_ref + static_cast<uint64_t>(decoder.Varint());
    const TimestampMs timestamp = Sum(base_time, decoder.Varint());
    record.samples.push_back({ref, timestamp, std::bit_cast<double>(decoder.Be64())});
  }
}

void ReadSamplesWithStart(ByteDecoder& decoder, WalRecord& record) {
  uint64_t ref = 0;
  TimestampMs first_time = 0;
  while (!decoder.empty()) {
    const bool first = record.samples.empty();
    ref += static_cast<uint64_t>(decoder.Varint());
    const TimestampMs timestamp = Sum(first_time, decoder.Varint());
    if (first) first_time = timestamp;
    // Start times have no place here yet.
    if (first || decoder.Byte() == kExplicitStart) decoder.Varint();
    record.samples.push_back({ref, timestamp, std::bit_cast<double>(decoder.Be64())});
  }
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
  record.tombstones.clear();
  ByteDecoder decoder(bytes);
  const uint8_t type = decoder.Byte();
  switch (type) {
    case kSeries:
      record.type = WalRecord::Type::kSeries;
      ReadSeries(decoder, record);
      break;
    case kSamples:
      record.type = WalRecord::Type::kSamples;
      ReadSamples(decoder, record);
      break;
    case kSamplesWithStart:
      record.type = WalRecord::Type::kSamples;
      ReadSamplesWithStart(decoder, record);
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
