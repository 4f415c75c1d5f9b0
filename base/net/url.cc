#include "base/net/url.h"

#include <algorithm>
#include <cctype>

#include "base/strings.h"

namespace tidemark {
namespace {

absl::Status BadUrl(std::string_view text, std::string_view reason) {
  return absl::InvalidArgumentError(StrCat("bad URL \"", text, "\": ", reason));
}

bool IsUnreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
         c == '~';
}

bool IsControlOrBlank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Drops what is before `delimiter`, and it, from the front of `rest`, and returns what was before;
// nothing and `rest` unchanged where there is no delimiter.
std::string_view ConsumeThrough(std::string_view& rest, size_t at, size_t delimiter_size) {
  if (at == std::string_view::npos) return {};
  const std::string_view before = rest.substr(0, at);
  rest.remove_prefix(at + delimiter_size);
  return before;
}

// "name", "name:80", "[::1]", "[::1]:80".
bool IsHostWithPort(std::string_view host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view name = host.substr(0, colon);
  if (name.empty() || name.starts_with('[') != name.ends_with(']')) return false;
  if (colon == std::string_view::npos) return true;
  const std::string_view port = host.substr(colon + 1);
  return port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::StatusOr<Url> Url::Parse(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), IsControlOrBlank)) {
    return BadUrl(text, "blank or control character");
  }
  Url url;
  std::string_view rest = text;
  url.scheme = ConsumeThrough(rest, rest.find("://"), 3);
  std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (url.scheme.empty()) return BadUrl(text, "not an absolute URL");
  if (url.scheme != "http" && url.scheme != "https") {
    return BadUrl(text, StrCat("unsupported scheme \"", url.scheme, "\""));
  }
  rest = rest.substr(0, rest.find('#'));
  std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  url.user_info = ConsumeThrough(authority, authority.rfind('@'), 1);
  url.host = authority;
  if (!IsHostWithPort(url.host)) return BadUrl(text, "bad host");

  const size_t question_mark = rest.find('?');
  url.path = rest.substr(0, question_mark);
  if (url.path.empty()) url.path = "/";
  if (question_mark != std::string_view::npos) url.query = rest.substr(question_mark + 1);
  return url;
}

std::string Url::ToString() const {
  return StrCat(scheme, "://", user_info, user_info.empty() ? "" : "@", host, path,
                query.empty() ? "" : "?", query);
}

std::string QueryEscape(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      escaped.push_back(c);
    } else if (c == ' ') {
      escaped.push_back('+');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return escaped;
}

std::string QueryUnescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
        HexValue(text[i + 2]) >= 0) {
      plain.push_back(static_cast<char>(HexValue(text[i + 1]) << 4 | HexValue(text[i + 2])));
      i += 2;
    } else {
      plain.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return plain;
}

std::string FormEncode(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    StrAppend(&form, form.empty() ? "" : "&", QueryEscape(name), "=", QueryEscape(value));
  }
  return form;
}

}  // namespace tidemark
