#include "base/labels/regex_references.h"

#include <cctype>

namespace tidemark {
namespace {

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Takes the reference after a '$' off the front of `rest`; empty where it is none, and `rest` then
// unchanged.
std::string_view ConsumeReference(std::string_view& rest) {
  if (rest.starts_with('{')) {
    const size_t close = rest.find('}');
    if (close == std::string_view::npos || close == 1) return {};
    const std::string_view name = rest.substr(1, close - 1);
    for (const char c : name) {
      if (!IsNameByte(c)) return {};
    }
    rest.remove_prefix(close + 1);
    return name;
  }
  size_t length = 0;
  while (length < rest.size() && IsNameByte(rest[length])) ++length;
  const std::string_view name = rest.substr(0, length);
  rest.remove_prefix(length);
  return name;
}

}  // namespace

void ExpandReferences(std::string_view replacement,
                      const std::function<std::string_view(std::string_view)>& group,
                      std::string* out) {
  for (std::string_view rest = replacement; !rest.empty();) {
    const size_t dollar = rest.find('$');
    out->append(rest.substr(0, dollar));
    if (dollar == std::string_view::npos) break;
    rest.remove_prefix(dollar + 1);
    if (rest.starts_with('$')) {
      out->push_back('$');
      rest.remove_prefix(1);
      continue;
    }
    const std::string_view name = ConsumeReference(rest);
    if (name.empty()) {
      out->push_back('$');
    } else {
      out->append(group(name));
    }
  }
}

}  // namespace tidemark
