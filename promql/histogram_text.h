#pragma once

#include <string>

#include "base/model/histogram_columns.h"

// Native histograms as text.
namespace tidemark::promql {

// "{count:4, sum:5, (0.5,1]:1, (1,2]:3}": as Prometheus shows them, and as the label that
// count_values makes of them. Empty buckets are left out. Counts of integer histograms have all
// their digits, others an exponent from 1e6 on.
std::string ToString(const HistogramView& histogram);

// "{{schema:1 count:4 sum:5 buckets:[1 3]}}", as test scripts write them; what is zero is left out.
// The other form where buckets are more than a million apart.
std::string ToNotation(const HistogramView& histogram);

}  // namespace tidemark::promql
