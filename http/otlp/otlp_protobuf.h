#pragma once

#include <string_view>

#include "absl/status/status.h"

#include "http/otlp/otlp_points.h"

namespace tidemark::http {

// Reads an ExportMetricsServiceRequest; only one point at a time is in memory. protozero is behind
// it. Thread-safe.
//   InvalidArgument  damaged, or a value that is refused
//   others           those of `visitor`
absl::Status ReadOtlpProtobuf(std::string_view message, OtlpVisitor& visitor);

}  // namespace tidemark::http
