// Printing, escaping and taking apart of text.

#include <arpa/inet.h>

#include <cctype>
#include <optional>

#include "alerting/template/go_format.h"
#include "alerting/template/template_function.h"
#include "base/labels/search_regex.h"
#include "base/net/url.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

using Value = TemplateValue;
using Arguments = std::span<const TemplateValue>;
using Result = absl::StatusOr<TemplateValue>;

Result Print(Arguments arguments, const TemplateEnvironment&) {
  return Value::String(GoSprint(arguments));
}

Result Println(Arguments arguments, const TemplateEnvironment&) {
  std::string text;
  for (const Value& argument : arguments) {
    StrAppend(&text, text.empty() ? "" : " ", FormatGoValue(argument));
  }
  return Value::String(text + "\n");
}

Result Printf(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const std::string format, StringArgument(arguments[0]));
  return Value::String(GoSprintf(format, arguments.subspan(1)));
}

std::string HtmlEscape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '&':
        out.append("&amp;");
        break;
      case '\'':
        out.append("&#39;");
        break;
      case '"':
        out.append("&#34;");
        break;
      case '\0':
        out.append("\uFFFD");
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string JsEscape(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '\'' || c == '"') {
      out.append({'\\', c});
    } else if (byte < 0x20 || c == '<' || c == '>' || c == '&' || c == '=') {
      StrAppend(&out, "\\u00", std::string{kHex[byte >> 4], kHex[byte & 15]});
    } else {
      out.push_back(c);
    }
  }
  return out;
}

template <std::string (*kEscape)(std::string_view)>
Result Escaped(Arguments arguments, const TemplateEnvironment&) {
  return Value::String(kEscape(GoSprint(arguments)));
}

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || c == '_' || byte >= 0x80;
}

// The first letter of each word in upper case. An apostrophe, a point or a colon between two
// letters does not end a word.
std::string Title(std::string_view text) {
  std::string out(text);
  bool in_word = false;
  for (size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    const bool joins = in_word && (c == '\'' || c == '.' || c == ':') && i + 1 < out.size() &&
                       IsWordByte(out[i + 1]);
    if (!in_word && c >= 'a' && c <= 'z') out[i] = static_cast<char>(c - 32);
    in_word = IsWordByte(c) || joins;
  }
  return out;
}

template <std::string (*kChange)(std::string_view)>
Result Changed(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const std::string text, StringArgument(arguments[0]));
  return Value::String(kChange(text));
}

Result Match(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const std::string pattern, StringArgument(arguments[0]));
  ASSIGN_OR_RETURN(const std::string text, StringArgument(arguments[1]));
  ASSIGN_OR_RETURN(const SearchRegex regex, SearchRegex::Create(pattern));
  return Value::Bool(regex.Matches(text));
}

Result ReReplaceAll(Arguments arguments, const TemplateEnvironment&) {
  ASSIGN_OR_RETURN(const std::string pattern, StringArgument(arguments[0]));
  ASSIGN_OR_RETURN(const std::string replacement, StringArgument(arguments[1]));
  ASSIGN_OR_RETURN(const std::string text, StringArgument(arguments[2]));
  ASSIGN_OR_RETURN(const SearchRegex regex, SearchRegex::Create(pattern));
  return Value::String(regex.ReplaceAll(text, replacement));
}

// "host:port" or "[host]:port" in its parts; nullopt for anything else. As Go's net.SplitHostPort.
std::optional<std::pair<std::string, std::string>> SplitHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  if (host.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  return std::pair(std::string(host), std::string(text.substr(colon + 1)));
}

bool IsIpAddress(const std::string& text) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address) == 1;
}

std::string StripPort(std::string_view text) {
  const auto parts = SplitHostPort(text);
  return parts ? parts->first : std::string(text);
}

std::string StripDomain(std::string_view text) {
  const auto parts = SplitHostPort(text);
  const std::string host = parts ? parts->first : std::string(text);
  if (IsIpAddress(host)) return std::string(text);
  const std::string name = host.substr(0, host.find('.'));
  return parts && !parts->second.empty() ? StrCat(name, ":", parts->second) : name;
}

std::string GraphLink(std::string_view expression) {
  return StrCat("/graph?g0.expr=", QueryEscape(expression), "&g0.tab=0");
}
std::string TableLink(std::string_view expression) {
  return StrCat("/graph?g0.expr=", QueryEscape(expression), "&g0.tab=1");
}
std::string Unchanged(std::string_view text) { return std::string(text); }

Result ExternalUrl(Arguments, const TemplateEnvironment& environment) {
  return Value::String(environment.external_url);
}

Result PathPrefix(Arguments, const TemplateEnvironment& environment) {
  ASSIGN_OR_RETURN(const Url url, Url::Parse(environment.external_url));
  const bool written = url.path != "/" || environment.external_url.ends_with('/');
  return Value::String(written ? url.path : "");
}

constexpr size_t kAnyNumber = TemplateFunction::kAnyNumber;
constexpr TemplateFunction kFunctions[] = {
    {"print", 0, kAnyNumber, Print},
    {"println", 0, kAnyNumber, Println},
    {"printf", 1, kAnyNumber, Printf},
    {"html", 0, kAnyNumber, Escaped<HtmlEscape>},
    {"js", 0, kAnyNumber, Escaped<JsEscape>},
    {"urlquery", 0, kAnyNumber, Escaped<QueryEscape>},
    {"title", 1, 1, Changed<Title>},
    {"toUpper", 1, 1, Changed<Upper>},
    {"toLower", 1, 1, Changed<Lower>},
    {"match", 2, 2, Match},
    {"reReplaceAll", 3, 3, ReReplaceAll},
    {"stripPort", 1, 1, Changed<StripPort>},
    {"stripDomain", 1, 1, Changed<StripDomain>},
    {"graphLink", 1, 1, Changed<GraphLink>},
    {"tableLink", 1, 1, Changed<TableLink>},
    {"urlQueryEscape", 1, 1, Changed<QueryEscape>},
    {"safeHtml", 1, 1, Changed<Unchanged>},
    {"externalURL", 0, 0, ExternalUrl},
    {"pathPrefix", 0, 0, PathPrefix},
};

}  // namespace

std::span<const TemplateFunction> TextFunctions() { return kFunctions; }

}  // namespace tidemark::alerting
