#pragma once

#include <string>
#include <string_view>

#include "base/labels/label_set.h"
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

enum class LabelSyntax {
  kPrometheusText,  // blanks and tabs between tokens, commas may be missing
  kOpenMetrics,     // neither; no line feed in a value
};

// Replaces `labels` by what `series` says, escapes undone, the name first as `__name__`. False and
// `error` set where it is no series, a name or value is not UTF-8, or a name is empty or there
// twice.
bool ReadLabelBlock(std::string_view series, LabelSyntax syntax, ExpositionLabels& labels,
                    LabelBlockError* error);

// The metric's name as it stands in a series of OpenMetrics, and its labels but `skipped`, as
// `name="value",` each, which replace `labels`. False where it is no series.
bool SplitSeries(std::string_view series, std::string_view skipped, std::string_view* name,
                 std::string* labels);

// As SkipBraces, for the labels of an OpenMetrics exemplar, all of which are looked at: they are
// others in every page, and nobody may read them later. Labels may occur twice. No allocation.
const char* SkipExemplarLabels(const char* brace, const char* end, LabelBlockError* error);
// What it skipped, escapes undone; of a name that is there twice the last value.
LabelSet ReadExemplarLabels(std::string_view labels);

// Undoes the escapes: a backslash and one of `escaped`, where `n` stands for a line feed. Any other
// backslash is itself.
std::string Unescape(std::string_view text, std::string_view escaped);

// The beginning of `text` in double quotes, as errors show what stands in a page.
std::string Quoted(std::string_view text);

}  // namespace tidemark::scrape
