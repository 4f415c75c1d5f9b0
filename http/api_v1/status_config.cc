#include "http/api_v1/handlers.h"
#include "http/api_v1/json_value.h"

namespace tidemark::http {

ApiFunction FlagsHandler(std::vector<std::pair<std::string, std::string>> flags) {
  return [=](const Request&, ApiAnswer& answer) -> absl::Status {
    WriteLabels(flags, answer.data);
    return absl::OkStatus();
  };
}

ApiFunction ConfigHandler(std::function<std::string()> yaml) {
  return [=](const Request&, ApiAnswer& answer) -> absl::Status {
    answer.data.BeginObject().Key("yaml").String(yaml()).EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
