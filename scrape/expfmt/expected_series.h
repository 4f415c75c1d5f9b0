#pragma once

#include <cstddef>

#include "base/io/hash.h"
#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// Whether `name`, which stood in another page, stands at `at` again as a whole, with a blank and a
// value behind it: the end of the name, null where it does not.
inline const char* SkipExpected(const SeriesName& name, const char* at, const char* end) {
  if (name.size == 0 || static_cast<size_t>(end - at) < name.size + size_t{2}) return nullptr;
  const char* const after = at + name.size;
  // Where blanks may stand before a brace it may be only the beginning of a name.
  if (after[0] != ' ' || after[1] == ' ' || after[1] == '\t' || after[1] == '{') return nullptr;
  return SeededHash128({at, name.size}) == name.hash ? after : nullptr;
}

}  // namespace tidemark::scrape
