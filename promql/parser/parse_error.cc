#include "promql/parser/parse_error.h"

#include <algorithm>

#include "absl/strings/str_format.h"

#include "base/labels/label_set.h"
#include "base/strings.h"

namespace tidemark::promql {
namespace {

// How many bytes the UTF-8 character takes that `text` begins with; 0 where there is none.
size_t CharacterLength(std::string_view text) {
  for (size_t length = 1; length <= std::min<size_t>(4, text.size()); ++length) {
    if (IsValidUtf8(text.substr(0, length))) return length;
  }
  return 0;
}

std::string_view EscapeOf(char c) {
  switch (c) {
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\v':
      return "\\v";
    case '\'':
      return "\\'";
    case '\\':
      return "\\\\";
    default:
      return "";
  }
}

}  // namespace

std::string LineAndColumn(std::string_view query, size_t offset) {
  const std::string_view before = query.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return absl::StrCat(line, ":", offset - line_begin + 1);
}

absl::Status ParseError(std::string_view query, size_t offset, std::string_view reason) {
  const std::string position = query.empty() ? "unknown position" : LineAndColumn(query, offset);
  return absl::InvalidArgumentError(StrCat(position, ": parse error: ", reason));
}

std::string QuoteCharacter(std::string_view text) {
  const size_t length = CharacterLength(text);
  if (length == 0) return "'\uFFFD'";
  const auto first = static_cast<unsigned char>(text[0]);
  if (const std::string_view escape = EscapeOf(text[0]); !escape.empty()) {
    return StrCat("'", escape, "'");
  }
  if (first < 0x20 || first == 0x7f) return absl::StrFormat("'\\x%02x'", first);
  return StrCat("'", text.substr(0, length), "'");
}

}  // namespace tidemark::promql
