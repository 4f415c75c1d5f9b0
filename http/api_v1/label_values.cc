#include "base/labels/label_set.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/name_escaping.h"
#include "http/api_v1/string_union.h"

namespace tidemark::http {

ApiFunction LabelValuesHandler(const tsdb::Queryable& store) {
  return [&store](const Request& request, ApiAnswer& answer) -> absl::Status {
    const std::string name = UnescapeName(request.path_params.at(0));
    if (name.empty() || !IsValidUtf8(name)) {
      std::string quoted;
      AppendQuoted(name, &quoted);
      return absl::InvalidArgumentError(StrCat("invalid label name: ", quoted));
    }
    const std::unique_ptr<tsdb::Querier> querier = store.NewQuerier();
    return AnswerUnion(
        request,
        [&](std::span<const LabelMatcher> matchers, TimeRange range) {
          return querier->LabelValues(name, matchers, range);
        },
        answer);
  };
}

}  // namespace tidemark::http
