#pragma once

#include <string>
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

// Behind the brace that closes the one at `brace`; null and `error` set where the line or `end`
// comes first. What is between is not looked at, but for quotes, which hide braces.
const char* SkipBraces(const char* brace, const char* end, LabelBlockError* error);

// Replaces `labels` by what `series` says, escapes undone, the name first as `__name__`. False and
// `error` set where it is no series, a name or value is not UTF-8, or a name is empty or there
// twice.
bool ReadLabelBlock(std::string_view series, ExpositionLabels& labels, LabelBlockError* error);

// The beginning of `text` in double quotes, as errors show what stands in a page.
std::string Quoted(std::string_view text);

}  // namespace tidemark::scrape
