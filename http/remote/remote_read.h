#pragma once

#include <functional>

#include "base/labels/label_set.h"
#include "base/metrics.h"
#include "http/http_server.h"
#include "http/remote_read_options.h"
#include "tsdb/querier.h"

namespace tidemark::http {

// The server of remote read: POST /api/v1/read, with both types of response, samples in one message
// and streamed chunks. A streamed answer holds one frame at a time; after an error in the middle of
// it the connection is closed.
//   200  the answer
//   400  the body is damaged, larger than 32 MiB when uncompressed, or asks for what there is not;
//        the answer would be past a limit
//   500  the store cannot read; or, of a client that has gone, cancelled
// Unlike Prometheus, which answers 500, a matcher that is wrong is the client's fault: 400.
// `external_labels` gives those of the configuration in force, from any thread. What is given
// outlives the result.
Handler RemoteReadHandler(const RemoteReadOptions& options, const tsdb::Queryable& store,
                          std::function<LabelSet()> external_labels, MetricRegistry& metrics);

}  // namespace tidemark::http
