#include "http/api_v1/handlers.h"
#include "http/api_v1/string_union.h"

namespace tidemark::http {

ApiFunction LabelsHandler(const tsdb::Queryable& store) {
  return [&store](const Request& request, ApiAnswer& answer) {
    const std::unique_ptr<tsdb::Querier> querier = store.NewQuerier();
    return AnswerUnion(
        request,
        [&](std::span<const LabelMatcher> matchers, TimeRange range) {
          return querier->LabelNames(matchers, range);
        },
        answer);
  };
}

}  // namespace tidemark::http
