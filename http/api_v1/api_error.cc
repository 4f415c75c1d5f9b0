#include "http/api_v1/api_error.h"

#include "base/json_writer.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

struct ErrorType {
  int status;
  std::string_view name;
};

ErrorType TypeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return {400, "bad_data"};
    case absl::StatusCode::kNotFound:
      return {404, "not_found"};
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kOutOfRange:
      return {422, "execution"};
    case absl::StatusCode::kCancelled:
      return {499, "canceled"};
    case absl::StatusCode::kDeadlineExceeded:
      return {503, "timeout"};
    case absl::StatusCode::kUnavailable:
      return {500, "unavailable"};
    default:
      return {500, "internal"};
  }
}

}  // namespace

Response ErrorResponse(const absl::Status& error) {
  const ErrorType type = TypeOf(error.code());
  Response response;
  response.status = type.status;
  response.content_type = "application/json";
  JsonWriter json(&response.body);
  json.BeginObject().Key("status").String("error").Key("errorType").String(type.name);
  json.Key("error").String(ToStd(error.message())).EndObject();
  return response;
}

}  // namespace tidemark::http
