#include "http/api_v1/name_escaping.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace tidemark::http {
namespace {

constexpr std::string_view kPrefix = "U__";

void AppendUtf8(uint32_t code_point, std::string* out) {
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
    return;
  }
  const int more = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  const uint32_t lead = more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
  out->push_back(static_cast<char>(lead | code_point >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(0x80 | (code_point >> (6 * i) & 0x3f)));
  }
}

// The character of "2e_" at the front of `text`, which is dropped.
std::optional<uint32_t> ConsumeCodePoint(std::string_view& text) {
  const size_t end = text.find('_');
  if (end == 0 || end == std::string_view::npos || end > 6) return std::nullopt;
  uint32_t code_point = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + end, code_point, 16);
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (error != std::errc() || stop != text.data() + end || surrogate || code_point > 0x10ffff) {
    return std::nullopt;
  }
  text.remove_prefix(end + 1);
  return code_point;
}

}  // namespace

std::string UnescapeName(std::string_view escaped) {
  if (!escaped.starts_with(kPrefix)) return std::string(escaped);
  std::string name;
  for (std::string_view rest = escaped.substr(kPrefix.size()); !rest.empty();) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c != '_') {
      name.push_back(c);
    } else if (rest.starts_with('_')) {
      name.push_back('_');
      rest.remove_prefix(1);
    } else if (const std::optional<uint32_t> code_point = ConsumeCodePoint(rest)) {
      AppendUtf8(*code_point, &name);
    } else {
      return std::string(escaped);
    }
  }
  return name;
}

}  // namespace tidemark::http
