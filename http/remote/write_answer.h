#pragma once

#include <string_view>

#include "absl/status/status.h"

#include "base/strings.h"
#include "http/http_server.h"

namespace tidemark::http {

// Refuses a remote-write request; senders log the text.
inline Response WriteError(int status, std::string_view text) {
  return Response::Text(status, StrCat(text, "\n"));
}
inline Response WriteError(int status, const absl::Status& error) {
  return WriteError(status, ToStd(error.message()));
}

}  // namespace tidemark::http
