#include "alerting/template/template_lexer.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "alerting/template/template_literal.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

using Kind = TemplateToken::Kind;

constexpr std::string_view kSpaces = " \t\r\n";

bool IsSpace(char c) { return kSpaces.find(c) != std::string_view::npos; }
bool IsNameByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || byte == '_' || byte >= 0x80;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TrimLeft(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpaces);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}
std::string_view TrimRight(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<TemplateToken>> Run() {
    bool trim_left = false;  // the action before said so
    while (true) {
      const size_t open = std::min(text_.find("{{", at_), text_.size());
      const bool trim_right = At(open + 2) == '-' && IsSpace(At(open + 3));
      std::string_view text = text_.substr(at_, open - at_);
      if (trim_left) text = TrimLeft(text);
      if (trim_right) text = TrimRight(text);
      if (!text.empty()) Add(Kind::kText, open).text = text;
      Skip(open);
      if (open == text_.size()) break;
      Skip(open + (trim_right ? 3 : 2));
      ASSIGN_OR_RETURN(trim_left, LexAction());
    }
    Add(Kind::kEnd, at_);
    return std::move(tokens_);
  }

 private:
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::string_view Rest() const { return text_.substr(at_); }

  void Skip(size_t to) {
    line_ += static_cast<int>(std::count(text_.begin() + at_, text_.begin() + to, '\n'));
    at_ = to;
  }

  // Adds a token from here to `end`; the caller moves there.
  TemplateToken& Add(Kind kind, size_t end) {
    TemplateToken& token = tokens_.emplace_back();
    token.kind = kind;
    token.line = line_;
    token.begin = at_;
    token.end = end;
    token.space_before = std::exchange(space_, false);
    return token;
  }
  void Take(Kind kind, size_t length) {
    Add(kind, at_ + length).text = text_.substr(at_, length);
    Skip(at_ + length);
  }

  absl::Status Error(std::string_view reason) const {
    return absl::InvalidArgumentError(StrCat(line_, ": ", reason));
  }

  // Takes the end of an action; false where it is not here.
  bool TakeClose(bool* trim) {
    const size_t first = std::min(text_.find_first_not_of(kSpaces, at_), text_.size());
    *trim = first > at_ && text_.substr(first).starts_with("-}}");
    if (!*trim && !text_.substr(first).starts_with("}}")) return false;
    Skip(first);
    Skip(at_ + (*trim ? 3 : 2));
    return true;
  }

  // Everything from behind `{{` to behind `}}`; whether the text after it is to be trimmed.
  absl::StatusOr<bool> LexAction() {
    bool trim = false;
    const size_t first = std::min(text_.find_first_not_of(kSpaces, at_), text_.size());
    if (text_.substr(first).starts_with("/*")) {
      const size_t end = text_.find("*/", first);
      if (end == std::string_view::npos) return Error("unclosed comment");
      Skip(end + 2);
      if (!TakeClose(&trim)) return Error("comment ends before closing delimiter");
      return trim;
    }
    Add(Kind::kOpen, at_);
    const int opened = line_;
    while (!TakeClose(&trim)) {
      while (at_ < text_.size() && IsSpace(text_[at_])) {
        space_ = true;
        Skip(at_ + 1);
      }
      if (at_ == text_.size()) {
        return absl::InvalidArgumentError(StrCat(opened, ": unclosed action"));
      }
      RETURN_IF_ERROR(LexToken());
    }
    space_ = false;
    Add(Kind::kClose, at_).begin -= 2;
    return trim;
  }

  absl::Status LexToken() {
    const char c = text_[at_];
    if (c == '"' || c == '\'' || c == '`') return LexQuoted(c);
    if (IsDigit(c) || ((c == '+' || c == '-' || c == '.') && IsDigit(At(at_ + 1))) ||
        ((c == '+' || c == '-') && At(at_ + 1) == '.')) {
      return LexNumber();
    }
    if (c == '.' || c == '$') {
      const size_t length = NameLength(at_ + 1);
      if (c == '$') {
        Take(Kind::kVariable, 1 + length);
      } else if (length == 0) {
        Take(Kind::kDot, 1);
      } else {
        Take(Kind::kField, 1 + length);
        tokens_.back().text.erase(0, 1);
      }
      return absl::OkStatus();
    }
    if (IsNameByte(c)) {
      LexWord();
      return absl::OkStatus();
    }
    if (Rest().starts_with(":=")) {
      Take(Kind::kDeclare, 2);
      return absl::OkStatus();
    }
    constexpr std::pair<char, Kind> kSigns[] = {{'|', Kind::kPipe},
                                                {'(', Kind::kOpenParen},
                                                {')', Kind::kCloseParen},
                                                {'=', Kind::kAssign},
                                                {',', Kind::kComma}};
    for (const auto& [sign, kind] : kSigns) {
      if (c != sign) continue;
      Take(kind, 1);
      return absl::OkStatus();
    }
    return Error(StrCat("unexpected \"", Rest().substr(0, 1), "\" in action"));
  }

  size_t NameLength(size_t from) const {
    size_t end = from;
    while (end < text_.size() && IsNameByte(text_[end])) ++end;
    return end - from;
  }

  void LexWord() {
    Take(Kind::kIdentifier, NameLength(at_));
    TemplateToken& token = tokens_.back();
    if (token.text != "true" && token.text != "false") return;
    token.kind = Kind::kLiteral;
    token.value = TemplateValue::Bool(token.text == "true");
  }

  absl::Status LexQuoted(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && (quote == '`' || text_[end] != '\n')) {
      end += quote != '`' && text_[end] == '\\' ? 2 : 1;
    }
    if (end >= text_.size() || text_[end] != quote) return Error("unterminated quoted string");
    const auto value = UnquoteGoLiteral(text_.substr(at_, end + 1 - at_));
    if (!value.ok()) return Error(ToStd(value.status().message()));
    Take(Kind::kLiteral, end + 1 - at_);
    tokens_.back().value = *value;
    return absl::OkStatus();
  }

  absl::Status LexNumber() {
    size_t end = at_ + 1;
    const bool hexadecimal = Rest().starts_with("0x") || Rest().starts_with("0X");
    while (end < text_.size()) {
      const char c = text_[end];
      const char before = static_cast<char>(text_[end - 1] | 0x20);
      const bool sign = (c == '+' || c == '-') && before == (hexadecimal ? 'p' : 'e');
      if (!IsNameByte(c) && c != '.' && !sign) break;
      ++end;
    }
    const auto value = ParseGoNumber(text_.substr(at_, end - at_));
    if (!value.ok()) return Error(ToStd(value.status().message()));
    Take(Kind::kLiteral, end - at_);
    tokens_.back().value = *value;
    return absl::OkStatus();
  }

  const std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool space_ = false;
  std::vector<TemplateToken> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<TemplateToken>> LexTemplate(std::string_view text) {
  return Lexer(text).Run();
}

}  // namespace tidemark::alerting
