#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/labels/label_set.h"
#include "promql/value.h"

namespace tidemark::http {

// {"__name__":"up","job":"x"}
void WriteLabels(const LabelSet& labels, JsonWriter& json);
// The same for pairs in order of configuration: sorted by name, as Prometheus has them.
void WriteLabels(std::vector<std::pair<std::string, std::string>> labels, JsonWriter& json);
// ["a","b"]
void WriteStrings(const std::vector<std::string>& strings, JsonWriter& json);
// Two members of an object: "resultType":"matrix","result":[...]. A series has "values",
// "histograms" or both.
void WriteQueryValue(const promql::Value& value, JsonWriter& json);

}  // namespace tidemark::http
