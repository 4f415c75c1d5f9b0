#include "absl/strings/numbers.h"

#include "base/strings.h"
#include "http/api_v1/handlers.h"

namespace tidemark::http {
namespace {

absl::Status CheckNumber(const Request& request, std::string_view name) {
  const std::string_view text = request.Param(name);
  int64_t number = 0;
  if (text.empty() || absl::SimpleAtoi(ToAbsl(text), &number)) return absl::OkStatus();
  return absl::InvalidArgumentError(StrCat(name, " must be a number"));
}

}  // namespace

ApiFunction MetadataHandler() {
  return [](const Request& request, ApiAnswer& answer) -> absl::Status {
    for (const std::string_view name : {"limit", "limit_per_metric"}) {
      if (absl::Status status = CheckNumber(request, name); !status.ok()) return status;
    }
    answer.data.BeginObject().EndObject();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
