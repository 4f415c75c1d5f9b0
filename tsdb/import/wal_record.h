#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark::tsdb {

// One record of a log of Prometheus, of whatever type: what it says is in the vector of its type,
// the others are empty. References are those of Prometheus's head. Reused from record to record.
struct WalRecord {
  enum class Type {
    kSeries,
    kSamples,
    kTombstones,
    kExemplars,  // not read further
    kMetadata,   // likewise
    kHistograms,
    kMarkers,  // of what other files hold: nothing to read
  };
  struct Series {
    uint64_t ref = 0;
    LabelSet labels;
  };
  struct Sample {
    uint64_t ref = 0;
    TimestampMs timestamp = 0;
    double value = 0;
  };
  struct Histogram {
    uint64_t ref = 0;
    TimestampMs timestamp = 0;
    std::string bytes;  // as AppendHistogram writes one by itself
  };
  struct Tombstone {
    uint64_t ref = 0;
    TimeRange range;
  };

  Type type = Type::kMarkers;
  std::vector<Series> series;
  std::vector<Sample> samples;
  std::vector<Histogram> histograms;
  std::vector<Tombstone> tombstones;
};

// Layout: prometheus/tsdb/docs/format/wal.md, and tsdb/record of Prometheus 3 for the types that
// are missing there.
//   DataLoss  bytes that cannot be a record, or a type that is newer than this reader
absl::Status DecodeWalRecord(std::string_view bytes, WalRecord& record);

}  // namespace tidemark::tsdb
