#pragma once

#include <string_view>

#include "base/metrics.h"
#include "http/http_server.h"

namespace tidemark::http {

// `handler`, counted and timed in prometheus_http_requests_total and its companions under the name
// of its route. `metrics` outlives the result.
Handler Instrumented(std::string_view route, Handler handler, MetricRegistry& metrics);

}  // namespace tidemark::http
