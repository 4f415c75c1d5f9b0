#include "http/api_v1/api_handler.h"

#include <set>

#include "base/strings.h"
#include "http/api_v1/api_error.h"

namespace tidemark::http {
namespace {

constexpr size_t kMaxAnnotations = 10;

void WriteAnnotations(std::string_view key, std::string_view kind,
                      const std::set<std::string>& texts, JsonWriter& json) {
  if (texts.empty()) return;
  json.Key(key).BeginArray();
  size_t written = 0;
  for (const std::string& text : texts) {
    if (written == kMaxAnnotations) break;
    json.String(text);
    ++written;
  }
  if (const size_t omitted = texts.size() - written; omitted > 0) {
    json.String(StrCat(omitted, " more ", kind, " annotations omitted"));
  }
  json.EndArray();
}

}  // namespace

Handler ApiHandler(ApiFunction function) {
  return [function = std::move(function)](const Request& request) {
    Response response;
    response.content_type = "application/json";
    JsonWriter json(&response.body);
    json.BeginObject().Key("status").String("success").Key("data");
    ApiAnswer answer{json, {}, false};
    const absl::Status status = function(request, answer);
    if (!status.ok()) return ErrorResponse(status);
    if (answer.no_content) return Response::Text(204, "");
    WriteAnnotations("warnings", "warning", answer.annotations.warnings(), json);
    WriteAnnotations("infos", "info", answer.annotations.infos(), json);
    json.EndObject();
    return response;
  };
}

}  // namespace tidemark::http
