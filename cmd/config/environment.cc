#include "cmd/config/environment.h"

#include <cctype>
#include <cstdlib>

#include "base/log.h"

namespace tidemark::config {
namespace {

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string ValueOf(std::string_view name) {
  if (name == "$") return "$";
  const std::string key(name);
  const char* value = std::getenv(key.c_str());
  if (value != nullptr && *value != '\0') return value;
  log::Warn("Empty environment variable", {{"name", key}});
  return "";
}

// Takes the name after a dollar off the front of `rest`; empty where there is none.
std::string_view ConsumeName(std::string_view& rest) {
  size_t length = 0;
  if (rest.starts_with('$')) {
    length = 1;
  } else {
    while (length < rest.size() && IsNameByte(rest[length])) ++length;
  }
  const std::string_view name = rest.substr(0, length);
  rest.remove_prefix(length);
  return name;
}

}  // namespace

std::string ExpandEnvironment(std::string_view text) {
  std::string expanded;
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    expanded.append(text.substr(0, dollar));
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('{')) {
      const size_t close = text.find('}');
      if (close == std::string_view::npos) break;  // unfinished: Go drops it too
      expanded.append(close > 1 ? ValueOf(text.substr(1, close - 1)) : "");
      text.remove_prefix(close + 1);
      continue;
    }
    const std::string_view name = ConsumeName(text);
    expanded.append(name.empty() ? "$" : ValueOf(name));
  }
  return expanded;
}

}  // namespace tidemark::config
