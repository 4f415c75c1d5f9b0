#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::http {

// The protobuf messages that a remote-write request may be: 1.0 and 2.0.
inline constexpr std::string_view kWriteMessageV1 = "prometheus.WriteRequest";
inline constexpr std::string_view kWriteMessageV2 = "io.prometheus.write.v2.Request";

inline std::vector<std::string> AllWriteMessages() {
  return {std::string(kWriteMessageV1), std::string(kWriteMessageV2)};
}

}  // namespace tidemark::http
