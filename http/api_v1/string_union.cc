#include "http/api_v1/string_union.h"

#include <algorithm>

#include "base/status_macros.h"
#include "http/api_v1/json_value.h"
#include "http/api_v1/params.h"

namespace tidemark::http {

absl::Status AnswerUnion(const Request& request, const ReadStrings& read, ApiAnswer& answer) {
  ASSIGN_OR_RETURN(const size_t limit, LimitOf(request));
  ASSIGN_OR_RETURN(const TimeRange range, TimeRangeOf(request));
  ASSIGN_OR_RETURN(Selectors selectors, SelectorsOf(request));
  if (selectors.empty()) selectors.emplace_back();

  std::vector<std::string> all;
  for (const auto& matchers : selectors) {
    if (range.min > range.max) break;
    ASSIGN_OR_RETURN(std::vector<std::string> some, read(matchers, range));
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  if (selectors.size() > 1) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }
  if (limit > 0 && all.size() > limit) {
    all.resize(limit);
    answer.WarnTruncated();
  }
  WriteStrings(all, answer.data);
  return absl::OkStatus();
}

}  // namespace tidemark::http
