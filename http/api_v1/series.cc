#include <algorithm>

#include "base/status_macros.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/json_value.h"
#include "http/api_v1/params.h"

namespace tidemark::http {

ApiFunction SeriesHandler(const tsdb::Queryable& store) {
  return [&store](const Request& request, ApiAnswer& answer) -> absl::Status {
    if (request.Params("match[]").empty()) {
      return absl::InvalidArgumentError("no match[] parameter provided");
    }
    ASSIGN_OR_RETURN(const size_t limit, LimitOf(request));
    ASSIGN_OR_RETURN(const TimeRange range, TimeRangeOf(request));
    const absl::StatusOr<Selectors> selectors = SelectorsOf(request);
    if (!selectors.ok()) return InvalidParameter("match[]", selectors.status());

    std::vector<LabelSet> found;
    const std::unique_ptr<tsdb::Querier> querier = store.NewQuerier();
    for (const auto& matchers : *selectors) {
      if (range.min > range.max) break;
      ASSIGN_OR_RETURN(const auto series, querier->Select(matchers, range));
      for (size_t i = 0; i < series->size(); ++i) found.push_back(series->labels(i));
    }
    if (selectors->size() > 1) {
      std::sort(found.begin(), found.end());
      found.erase(std::unique(found.begin(), found.end()), found.end());
    }
    if (limit > 0 && found.size() > limit) {
      found.resize(limit);
      answer.WarnTruncated();
    }
    answer.data.BeginArray();
    for (const LabelSet& labels : found) WriteLabels(labels, answer.data);
    answer.data.EndArray();
    return absl::OkStatus();
  };
}

}  // namespace tidemark::http
