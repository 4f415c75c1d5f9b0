#include "http/api_v1/handlers.h"
#include "http/api_v1/params.h"
#include "promql/query_text.h"

namespace tidemark::http {

ApiFunction ParseQueryHandler(const promql::ParserOptions& options) {
  return [options](const Request& request, ApiAnswer& answer) -> absl::Status {
    const absl::StatusOr<promql::Query> query =
        promql::Query::Parse(request.Param("query"), options);
    if (!query.ok()) return InvalidParameter("query", query.status());
    promql::WriteSyntaxTree(*query, answer.data);
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
