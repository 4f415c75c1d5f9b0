#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "base/labels/label_set.h"
#include "base/model/sample.h"
#include "tsdb/appender.h"

// Series of native histograms among those of floats, so that tests that know of values alone try
// both: a series with the label kind="histogram" has at each time the histogram that stands for a
// value.
namespace tidemark::testing {

// Its sum is the value, and the counts follow from that.
HistogramSample HistogramFor(double value);

// Adds a value to the columns of a series.
void AddValue(const LabelSet& labels, TimestampMs timestamp, double value, SampleColumns& to);
// Appends one.
void AppendValue(const LabelSet& labels, SeriesRef series, TimestampMs timestamp, double value,
                 tsdb::Appender& to);
// Hands all values to `visit`, floats first.
//   DataLoss  a histogram stands for none, or one of the samples is of the wrong kind
absl::Status ForEachValue(const LabelSet& labels, const SampleColumns& samples,
                          absl::FunctionRef<void(TimestampMs timestamp, double value)> visit);

}  // namespace tidemark::testing
