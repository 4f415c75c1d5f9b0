#include "base/status_macros.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/json_value.h"
#include "http/api_v1/params.h"
#include "promql/query.h"

namespace tidemark::http {
namespace {

void WriteExemplars(const tsdb::SeriesExemplars& series, JsonWriter& json) {
  json.BeginObject().Key("seriesLabels");
  WriteLabels(series.labels, json);
  json.Key("exemplars").BeginArray();
  for (const Exemplar& exemplar : series.exemplars) {
    json.BeginObject().Key("labels");
    WriteLabels(exemplar.labels, json);
    json.Key("value").SampleValue(exemplar.value);
    json.Key("timestamp").Seconds(exemplar.timestamp).EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace

ApiFunction QueryExemplarsHandler(const tsdb::ExemplarQueryable& store,
                                  const promql::ParserOptions& options) {
  return [&store, options](const Request& request, ApiAnswer& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const TimeRange range, TimeRangeOf(request));
    if (range.max < range.min) {
      return absl::InvalidArgumentError("end timestamp must not be before start timestamp");
    }
    ASSIGN_OR_RETURN(const promql::Query query,
                     promql::Query::Parse(request.Param("query"), options));
    const Selectors selectors = query.Selectors();
    answer.no_content = selectors.empty();
    if (answer.no_content) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<tsdb::SeriesExemplars> found,
                     store.Exemplars(selectors, range));
    answer.data.BeginArray();
    for (const tsdb::SeriesExemplars& series : found) WriteExemplars(series, answer.data);
    answer.data.EndArray();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
