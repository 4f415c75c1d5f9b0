#pragma once

#include <string>
#include <string_view>

#include "base/model/native_histogram.h"

// Which buckets a histogram has, as bytes: docs/storage-format.md, column of histograms.
namespace tidemark::tsdb {

void AppendHistogramLayout(const HistogramLayout& layout, std::string* out);
// Replaces `layout`; false where `bytes` does not start with one. How many buckets its spans claim
// is for the caller to check.
[[nodiscard]] bool ConsumeHistogramLayout(std::string_view& bytes, HistogramLayout* layout);

}  // namespace tidemark::tsdb
