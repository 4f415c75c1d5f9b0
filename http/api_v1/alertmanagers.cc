#include "http/api_v1/handlers.h"

namespace tidemark::http {

ApiFunction AlertmanagersHandler(std::function<std::vector<std::string>()> urls) {
  return [=](const Request&, ApiAnswer& answer) -> absl::Status {
    answer.data.BeginObject().Key("activeAlertmanagers").BeginArray();
    for (const std::string& url : urls()) {
      answer.data.BeginObject().Key("url").String(url).EndObject();
    }
    answer.data.EndArray().Key("droppedAlertmanagers").BeginArray().EndArray().EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
