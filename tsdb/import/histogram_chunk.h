#pragma once

#include <string_view>

#include "absl/status/status.h"

#include "base/model/sample.h"
#include "tsdb/import/xor_chunk.h"

namespace tidemark::tsdb {

// Appends the native histograms of a chunk of Prometheus to `out`, whose last one is older. Exact;
// counts beyond kMaxExactCount make float histograms. What a chunk says of counter resets comes
// back as a reader of Prometheus sees it. Layout: prometheus/tsdb/docs/format/chunks.md, and
// tsdb/chunkenc of Prometheus 3.
//   DataLoss  the data ends too soon, or cannot be such a chunk; `out` is then as it was
absl::Status DecodeHistogramChunk(std::string_view data, bool is_float, HistogramColumns& out);

// The samples of a chunk of any encoding. Errors as above and as of DecodeXorChunk.
absl::Status DecodePrometheusChunk(ChunkEncoding encoding, std::string_view data,
                                   SampleColumns& out);

}  // namespace tidemark::tsdb
