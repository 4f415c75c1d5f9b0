#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/labels/label_set.h"
#include "promql/exec/column_batch.h"
#include "promql/exec/query_context.h"

namespace tidemark::promql {

// Takes the metric's name, `__type__` and `__unit__` away, as most functions and operators do: at
// once, or when the query ends where names are removed late.
void LoseMetricName(const QueryContext& query, SeriesHeader& header);
// The labels without those three.
LabelSet WithoutMetricName(const LabelSet& labels);

// A hash of the labels without those three, which are encoded as LabelSet::bytes() has them.
uint64_t HashWithoutMetricName(std::string_view encoded);

// `{__name__="up", job="node"}`: labels as Prometheus prints them in error texts.
std::string LabelsText(const LabelSet& labels);

}  // namespace tidemark::promql
