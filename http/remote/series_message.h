#pragma once

#include <string>
#include <string_view>

#include "base/labels/label_set.h"
#include "base/model/histogram_columns.h"
#include "base/model/sample.h"

// Fields of `prometheus.TimeSeries` and `prometheus.ChunkedSeries`, appended as protobuf.
// Source: github.com/prometheus/prometheus, prompb/types.proto.
namespace tidemark::http {

// The labels of a series, as LabelSet::bytes() has them, and those of `more` whose names it has
// not: ascending by name. Field 1 of either message.
void AppendLabelFields(std::string_view labels, const LabelSet& more, std::string* out);

// Samples of a TimeSeries: field 2.
void AppendSampleFields(const SampleColumns& samples, std::string* out);

// Native histograms of a TimeSeries: field 4.
void AppendHistogramFields(const HistogramColumns& histograms, std::string* out);

}  // namespace tidemark::http
