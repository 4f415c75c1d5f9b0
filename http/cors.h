#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/labels/anchored_regex.h"
#include "http/http_server.h"

namespace tidemark::http {

// Lets pages of other origins read the API: Prometheus's headers, --web.cors.origin. Thread-safe.
class Cors {
 public:
  // InvalidArgument where `origin_pattern` is no regular expression.
  static absl::StatusOr<Cors> Create(std::string_view origin_pattern);

  // Adds the headers of an answer to a request from `origin`, its header, empty where it has none.
  void AddHeaders(std::string_view origin, Response& response) const;

 private:
  Cors(AnchoredRegex allowed, bool allow_any) : allowed_(std::move(allowed)), any_(allow_any) {}

  AnchoredRegex allowed_;
  bool any_;
};

}  // namespace tidemark::http
