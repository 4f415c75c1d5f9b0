#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/native_histogram.h"
#include "base/model/sample.h"
#include "base/model/timestamp.h"

namespace tidemark::promql {

// The types an expression can have.
enum class ValueType { kScalar, kString, kVector, kMatrix };
// "scalar", "string", "instant vector" and "range vector", as error texts say.
std::string_view ValueTypeName(ValueType type);

struct ScalarValue {
  TimestampMs timestamp = 0;
  double value = 0;
};
struct StringValue {
  TimestampMs timestamp = 0;
  std::string value;
};
struct VectorSample {
  LabelSet labels;
  TimestampMs timestamp = 0;
  double value = 0;
  HistogramPtr histogram = nullptr;  // the sample, where not null
};
using InstantVector = std::vector<VectorSample>;
struct HistogramPoint {
  TimestampMs timestamp = 0;
  HistogramPtr histogram;
};
// At least one sample, of whichever kind; both ascend by time and have no time in common.
struct Series {
  LabelSet labels;
  std::vector<Sample> samples;
  std::vector<HistogramPoint> histograms = {};
};
using Matrix = std::vector<Series>;  // ascending by labels

// What a query gives. Range queries give a Matrix.
using Value = std::variant<ScalarValue, StringValue, InstantVector, Matrix>;

}  // namespace tidemark::promql
