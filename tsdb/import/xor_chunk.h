#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

#include "base/model/sample.h"
#include "tsdb/prometheus_chunk.h"

namespace tidemark::tsdb {

// The number of samples that a chunk of any encoding says it has; 0 where it is too short to say.
uint16_t NumSamplesOfChunk(std::string_view data);

// Appends the samples of an XOR chunk to `out`. Bit-exact.
// Layout: prometheus/tsdb/docs/format/chunks.md; method: Pelkonen et al., "Gorilla", VLDB 2015.
//   DataLoss  the data ends too soon, or timestamps do not ascend; `out` is then as it was
absl::Status DecodeXorChunk(std::string_view data, SampleColumns& out);

}  // namespace tidemark::tsdb
