#pragma once

#include "absl/status/status.h"

#include "base/model/native_histogram.h"

namespace tidemark {

// Whether a histogram that came from outside can be stored and worked with: its layout is there and
// its counts fit it, its schema is one we have, custom bounds are finite and ascend.
//   InvalidArgument  says what is wrong, in Prometheus's words (model/histogram, Validate)
// Beyond that: no bucket's number is beyond 32 bits, and the zero threshold is neither NaN,
// negative nor infinite. An integer histogram has as many observations as its buckets say, or at
// least as many where its sum is NaN, which NaN observations make it. The counts of a float
// histogram may be rounded: they need not match. A staleness marker without a layout is not for
// this.
absl::Status ValidateHistogram(const HistogramSample& histogram);
absl::Status ValidateHistogram(const FloatHistogramSample& histogram);

}  // namespace tidemark
