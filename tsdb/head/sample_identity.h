#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "base/model/histogram_columns.h"
#include "base/model/sample.h"

namespace tidemark::tsdb {

// What is compared where two samples of a series have one timestamp: the bits of a float; a hash of
// a histogram, whatever its hint. A staleness marker is the same one among floats and histograms.
struct SampleIdentity {
  uint64_t bits = 0;
  bool is_histogram = false;
  friend bool operator==(const SampleIdentity&, const SampleIdentity&) = default;
};

inline SampleIdentity IdentityOf(double value) { return {std::bit_cast<uint64_t>(value), false}; }
SampleIdentity IdentityOf(const HistogramView& histogram);
// Of one that AppendHistogram wrote by itself.
SampleIdentity IdentityOfHistogram(std::string_view bytes);
// Of the one sample of `samples`.
SampleIdentity IdentityOf(const SampleColumns& samples);

}  // namespace tidemark::tsdb
