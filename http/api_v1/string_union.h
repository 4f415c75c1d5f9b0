#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/labels/label_matcher.h"
#include "http/api_v1/api_handler.h"
#include "tsdb/querier.h"

namespace tidemark::http {

// Reads label names, or values, of the series that `matchers` select.
using ReadStrings = std::function<absl::StatusOr<std::vector<std::string>>(
    std::span<const LabelMatcher> matchers, TimeRange range)>;

// Answers with what `read` gives for all `match[]` of the request together, or for no matcher where
// there is no `match[]`: sorted, each once, cut to `limit`.
absl::Status AnswerUnion(const Request& request, const ReadStrings& read, ApiAnswer& answer);

}  // namespace tidemark::http
