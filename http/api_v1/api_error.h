#pragma once

#include "absl/status/status.h"

#include "http/http_server.h"

namespace tidemark::http {

// The answer that tells a client of an error: Prometheus's JSON and HTTP status for the code. The
// only place where codes become HTTP.
//   InvalidArgument     400 bad_data        FailedPrecondition, ResourceExhausted, Unimplemented,
//   NotFound            404 not_found       OutOfRange
//   DeadlineExceeded    503 timeout                             422 execution
//   Cancelled           499 canceled        Unavailable         500 unavailable
//   all others          500 internal
Response ErrorResponse(const absl::Status& error);

}  // namespace tidemark::http
