#pragma once

#include <cstdint>
#include <vector>

#include "base/labels/label_set.h"

namespace tidemark::tsdb {

// Sorts label sets and leaves each of them once. The place that each had before -> its place now.
std::vector<uint32_t> RankLabels(std::vector<LabelSet>& labels);

}  // namespace tidemark::tsdb
