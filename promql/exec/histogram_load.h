#pragma once

#include <cstddef>

#include "base/model/histogram_columns.h"
#include "base/model/native_histogram.h"
#include "promql/exec/column_batch.h"

// What native histograms count for against the limits of a query.
namespace tidemark::promql {

struct HistogramLoad {
  // How many samples they count as beyond one each. As in Prometheus a histogram counts as so many
  // floats with their timestamps as it is long, at each step anew.
  size_t extra_samples = 0;
  size_t bytes = 0;  // in memory; one that neighbouring steps share counts once
};

// As how many samples one histogram counts, by the size that Prometheus's structure has. At
// least 1.
size_t SamplesOf(const FloatHistogramSample& histogram);
// The memory of one histogram, and of its layout where it is the only one to have it.
size_t BytesOf(const FloatHistogramSample& histogram);

HistogramLoad LoadOfHistograms(const StepRow& row);
HistogramLoad LoadOfHistograms(const HistogramColumns& histograms);

}  // namespace tidemark::promql
