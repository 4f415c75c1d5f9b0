#pragma once

#include <cstddef>

#include "base/labels/label_set.h"
#include "base/model/timestamp.h"

namespace tidemark {

// Labels of one exemplar may have so many characters (code points), names and values added up.
inline constexpr size_t kMaxExemplarCharacters = 128;

// One observation of those that a series sums up, such as one request, with labels that lead to it:
// the identity of a trace, say.
struct Exemplar {
  LabelSet labels;
  double value = 0;
  TimestampMs timestamp = 0;
};

}  // namespace tidemark
