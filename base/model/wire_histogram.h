#pragma once

#include <string>

#include "base/model/histogram_columns.h"
#include "base/model/timestamp.h"

namespace tidemark {

// Appends a native histogram as `prometheus.Histogram`, which remote write 1.0 and remote read
// have, and `io.prometheus.write.v2.Histogram`, whose fields are the same. `scratch` is
// overwritten. Source: github.com/prometheus/prometheus, prompb/types.proto.
void AppendWireHistogram(TimestampMs timestamp, const HistogramView& histogram,
                         std::string& scratch, std::string* out);

}  // namespace tidemark
