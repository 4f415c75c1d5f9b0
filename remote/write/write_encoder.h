#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"
#include "remote/family_metadata.h"
#include "remote/remote_write_config.h"

namespace tidemark::remote {

// One sample of a request that is to be encoded.
struct OutgoingSample {
  uint32_t series = 0;  // of WriteEncoder::AddSeries
  // Of a native histogram: how long its message is, and where it begins. 0 where it is a float.
  uint32_t histogram_size = 0, histogram_begin = 0;
  TimestampMs timestamp = 0;
  double value = 0;
};

// An encoded request whose series can be left out one by one.
struct EncodedRequest {
  std::string bytes;           // not compressed
  size_t head = 0;             // how many of them come before the first series
  std::vector<uint32_t> ends;  // where each sample ends, in the order they were given
};

// Writes remote-write requests: one series for each sample, as Prometheus does. Remembers the
// labels of series in the form in which they are sent, so that a sample costs a copy of them (1.0)
// or a number for each (2.0). One thread. Source: github.com/prometheus/prometheus,
// prompb/types.proto and prompb/io/prometheus/write/v2/types.proto.
class WriteEncoder {
 public:
  static std::unique_ptr<WriteEncoder> Create(WriteMessage message);
  virtual ~WriteEncoder() = default;

  // Remembers a series; its number, from 0. `metadata`, where not null, goes with each of its
  // samples in 2.0.
  virtual uint32_t AddSeries(const LabelSet& labels, const FamilyMetadata* metadata) = 0;
  virtual size_t num_series() const = 0;
  // Forgets all series.
  virtual void Clear() = 0;

  // Replaces `out`. The messages of histograms are in `histograms`: AppendWireHistogram.
  virtual void Encode(std::span<const OutgoingSample> samples, std::string_view histograms,
                      EncodedRequest* out) = 0;
};

}  // namespace tidemark::remote
