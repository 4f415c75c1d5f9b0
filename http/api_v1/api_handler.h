#pragma once

#include <functional>

#include "absl/status/status.h"

#include "base/json_writer.h"
#include "http/http_server.h"
#include "promql/annotations.h"

namespace tidemark::http {

// What a handler of the API gives beside an error.
struct ApiAnswer {
  JsonWriter& data;  // takes one JSON value
  promql::Annotations annotations;
  bool no_content = false;  // nothing is written; the answer is an empty 204

  void WarnTruncated() { annotations.AddWarning("results truncated due to limit"); }
};

// Reads a request, writes one value to `answer.data`. Called on many threads at once. What is
// written is dropped where the status is an error.
using ApiFunction = std::function<absl::Status(const Request& request, ApiAnswer& answer)>;

// A handler that puts Prometheus's envelope around what `function` gives: status, data, at most
// ten warnings and ten infos; api_error.h says what becomes of errors.
Handler ApiHandler(ApiFunction function);

}  // namespace tidemark::http
