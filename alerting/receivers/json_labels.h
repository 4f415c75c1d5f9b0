#pragma once

#include "base/json_writer.h"
#include "base/labels/label_set.h"

namespace tidemark::alerting {

// Writes labels or annotations as one JSON object.
inline void WriteLabels(const LabelSet& labels, JsonWriter& json) {
  json.BeginObject();
  for (const LabelView& label : labels) json.Key(label.name).String(label.value);
  json.EndObject();
}

}  // namespace tidemark::alerting
