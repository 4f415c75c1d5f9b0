// The parts of http_server.h that need no server.
#include "absl/strings/match.h"

#include "base/strings.h"
#include "http/http_server.h"

namespace tidemark::http {

std::string_view Request::Param(std::string_view name) const {
  for (const auto& [param, value] : params) {
    if (param == name) return value;
  }
  return {};
}

std::vector<std::string> Request::Params(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [param, value] : params) {
    if (param == name) values.push_back(value);
  }
  return values;
}

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (absl::EqualsIgnoreCase(header, ToAbsl(name))) return value;
  }
  return {};
}

Response Response::Text(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace tidemark::http
