#pragma once

#include <string_view>

#include "scrape/expfmt/exposition_parser.h"

// The bytes that name a series in the text formats: `name`, `name{a="b"}`, `{"name", "a"="b"}`.
namespace tidemark::scrape {

// Behind the double quote that ends the string beginning with the one at `quote`; null where it is
// not ended before `end` or a backslash stands before a line feed.
const char* SkipQuoted(const char* quote, const char* end);

struct LabelBlockError {
  std::string_view reason;
  const char* where = nullptr;  // in the text that was read
};

// Replaces `labels` by what `series` says, escapes undone, the name first as `__name__`. False and
// `error` set where it is no series, a name or value is not UTF-8, or a name is empty or there
// twice.
bool ReadLabelBlock(std::string_view series, ExpositionLabels& labels, LabelBlockError* error);

}  // namespace tidemark::scrape
