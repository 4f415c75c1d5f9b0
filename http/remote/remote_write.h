#pragma once

#include <string>
#include <vector>

#include "base/metrics.h"
#include "http/http_server.h"
#include "http/remote_write_messages.h"
#include "tsdb/appender.h"

namespace tidemark::http {

struct RemoteWriteOptions {
  bool enabled = true;
  std::vector<std::string> accepted_messages = AllWriteMessages();
};

// The receiver of remote write 1.0 and 2.0: POST /api/v1/write. A request is one batch. In the
// steady state no label is parsed: a series is found by the hash of the bytes that its labels came
// in, or of the symbols they name.
//   204  stored
//   400  damaged, a sample that is out of order, a duplicate, too old or too far in the future, or
//        a histogram that contradicts itself: nothing is stored (1.0), or all the rest (2.0)
//   404  not enabled
//   413  more than 32 MiB when uncompressed
//   415  another or no accepted message, or not snappy
//   500  the store cannot write; senders try again
// Series with labels that no series may have are left out and counted, and an error in 2.0.
// Exemplars go to the store that takes some; where it refuses one, that is an error in 2.0 only.
// Metadata, which is not stored yet, is counted. `store` and `metrics` outlive the result.
Handler RemoteWriteHandler(const RemoteWriteOptions& options, tsdb::Appendable& store,
                           MetricRegistry& metrics);

}  // namespace tidemark::http
