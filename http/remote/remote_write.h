#pragma once

#include "base/metrics.h"
#include "http/http_server.h"
#include "tsdb/appender.h"

namespace tidemark::http {

// The receiver of remote write 1.0: POST /api/v1/write. A request is one batch, stored whole or,
// where a sample is rejected, not at all. In the steady state no label is parsed: a series is found
// by the hash of the bytes that its labels came in.
//   204  stored
//   400  damaged, or a sample that is out of order, a duplicate, too old or too far in the future
//   404  `enabled` is false
//   413  more than 32 MiB when uncompressed
//   415  another protocol, or not snappy
//   500  the store cannot write; senders try again
// Series with labels that no series may have are left out and counted, as are native histograms and
// exemplars, which are not stored yet. `store` and `metrics` outlive the result.
Handler RemoteWriteHandler(bool enabled, tsdb::Appendable& store, MetricRegistry& metrics);

}  // namespace tidemark::http
