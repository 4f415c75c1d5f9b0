#pragma once

#include <string_view>

#include "absl/status/status.h"

#include "http/otlp/otlp_points.h"

namespace tidemark::http {

// The same request in the JSON form of OTLP: 64-bit numbers may be strings, enumerations names or
// numbers, keys unknown to it are passed over. The whole document is in memory. Thread-safe.
//   InvalidArgument  not JSON, or a value that is refused
//   others           those of `visitor`
// Source: opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
absl::Status ReadOtlpJson(std::string_view text, OtlpVisitor& visitor);

}  // namespace tidemark::http
