#pragma once

#include <string_view>

#include "http/http_server.h"
#include "http/remote/write_metrics.h"
#include "tsdb/appender.h"

namespace tidemark::http {

// Stores an `io.prometheus.write.v2.Request`, remote write 2.0, uncompressed. What of it cannot be
// stored is left out and makes the answer a 400 that lists it, a line each; where the store itself
// fails or the message is damaged, nothing is stored. Headers say how much was written.
Response ReceiveV2(std::string_view message, tsdb::Appendable& store, WriteMetrics& metrics);

}  // namespace tidemark::http
