#include "base/build_info.h"
#include "base/strings.h"
#include "http/api_v1/build_info_json.h"
#include "http/api_v1/handlers.h"

namespace tidemark::http {
namespace {

constexpr std::string_view kPrometheusVersion = "3.14.0";

}  // namespace

void WriteBuildInfo(JsonWriter& json) {
  const BuildInfo& info = GetBuildInfo();
  json.BeginObject();
  json.Key("version").String(StrCat(kPrometheusVersion, "+tidemark.", info.version));
  json.Key("revision").String(info.revision);
  json.Key("branch").String(info.branch);
  json.Key("buildUser").String("");
  json.Key("buildDate").String(info.build_date);
  json.Key("goVersion").String(StrCat("c++20, ", info.compiler));
  json.EndObject();
}

ApiFunction BuildInfoHandler() {
  return [](const Request&, ApiAnswer& answer) -> absl::Status {
    WriteBuildInfo(answer.data);
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
