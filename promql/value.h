#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/labels/label_set.h"
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
};
using InstantVector = std::vector<VectorSample>;
struct Series {
  LabelSet labels;
  std::vector<Sample> samples;  // ascending by time, never empty
};
using Matrix = std::vector<Series>;  // ascending by labels

// What a query gives. Range queries give a Matrix.
using Value = std::variant<ScalarValue, StringValue, InstantVector, Matrix>;

}  // namespace tidemark::promql
