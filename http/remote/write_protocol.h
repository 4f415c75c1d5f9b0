#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Which message a remote-write request carries, by its headers.
namespace tidemark::http {

enum class WriteMessage { kV1, kV2 };

// Its name in protobuf.
std::string_view ProtobufName(WriteMessage message);

// An absent header and one without a `proto` parameter say 1.0.
//   InvalidArgument  another message, or one not in `accepted`; in Prometheus's words
absl::StatusOr<WriteMessage> MessageOf(std::string_view content_type,
                                       const std::vector<WriteMessage>& accepted);

// Whether the body is compressed with snappy, as one without the header is.
//   InvalidArgument  another compression; in Prometheus's words
absl::Status CheckSnappy(std::string_view content_encoding);

}  // namespace tidemark::http
