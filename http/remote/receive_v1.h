#pragma once

#include <string_view>

#include "http/http_server.h"
#include "http/remote/write_metrics.h"
#include "tsdb/appender.h"

namespace tidemark::http {

// Stores a `prometheus.WriteRequest`, remote write 1.0, uncompressed: all of it or, where a sample
// is rejected, nothing. Series with labels that no series may have are left out and counted.
Response ReceiveV1(std::string_view message, tsdb::Appendable& store, WriteMetrics& metrics);

}  // namespace tidemark::http
