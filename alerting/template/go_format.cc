#include "alerting/template/go_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

constexpr int kMaxWidth = 1000;  // what a template may ask for; Go stops at a million

// One verb of a format with what stands before it: "%-8.3f".
struct Spec {
  bool minus = false, plus = false, sharp = false, space = false, zero = false;
  int width = 0;
  int precision = -1;  // negative: none given
  char verb = 'v';
};

size_t CountCharacters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// The first `n` characters of UTF-8 text.
std::string_view FirstCharacters(std::string_view text, size_t n) {
  size_t end = 0;
  while (end < text.size()) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && n-- == 0) break;
    ++end;
  }
  return text.substr(0, end);
}

void AppendPadded(std::string_view text, const Spec& spec, std::string* out) {
  const size_t length = CountCharacters(text);
  const size_t pad = static_cast<size_t>(spec.width) > length ? spec.width - length : 0;
  if (spec.minus) {
    out->append(text);
    out->append(pad, ' ');
  } else {
    out->append(pad, ' ');
    out->append(text);
  }
}

// A number as a sign and a rest, which zeros may be put between.
void AppendSigned(bool negative, std::string_view digits, const Spec& spec, std::string* out) {
  std::string text;
  if (negative || spec.plus || spec.space) text.push_back(negative ? '-' : spec.plus ? '+' : ' ');
  const size_t length = text.size() + digits.size();
  if (spec.zero && !spec.minus && static_cast<size_t>(spec.width) > length) {
    text.append(spec.width - length, '0');
  }
  text.append(digits);
  AppendPadded(text, spec, out);
}

void AppendUtf8(uint32_t c, std::string* out) {
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
  const auto continuation = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3F)));
  };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (c >> 6)));
    continuation(0);
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (c >> 12)));
    continuation(6), continuation(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | (c >> 18)));
    continuation(12), continuation(6), continuation(0);
  }
}

std::string Digits(uint64_t magnitude, int base, bool upper) {
  char buffer[65];
  const char* const end = std::to_chars(buffer, buffer + sizeof(buffer), magnitude, base).ptr;
  std::string text(buffer, static_cast<size_t>(end - buffer));
  if (upper) std::transform(text.begin(), text.end(), text.begin(), ::toupper);
  return text;
}

// False for a verb that integers do not have.
bool AppendInt(int64_t value, const Spec& spec, std::string* out) {
  int base = 10;
  std::string_view prefix;
  switch (spec.verb) {
    case 'v':
    case 'd':
      break;
    case 'b':
      base = 2, prefix = "0b";
      break;
    case 'o':
      base = 8, prefix = "0";
      break;
    case 'x':
      base = 16, prefix = "0x";
      break;
    case 'X':
      base = 16, prefix = "0X";
      break;
    case 'c':
    case 'q': {
      std::string text;
      AppendUtf8(value < 0 || value > 0x10FFFF ? 0xFFFD : static_cast<uint32_t>(value), &text);
      AppendPadded(spec.verb == 'q' ? StrCat("'", text, "'") : text, spec, out);
      return true;
    }
    case 'U': {
      const std::string digits = Digits(static_cast<uint64_t>(value), 16, true);
      AppendPadded(StrCat("U+", std::string(4 - std::min<size_t>(4, digits.size()), '0'), digits),
                   spec, out);
      return true;
    }
    default:
      return false;
  }
  const uint64_t magnitude =
      value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  std::string digits = Digits(magnitude, base, spec.verb == 'X');
  Spec padding = spec;
  if (spec.precision >= 0) {
    padding.zero = false;
    if (digits.size() < static_cast<size_t>(spec.precision)) {
      digits.insert(0, spec.precision - digits.size(), '0');
    }
  }
  AppendSigned(value < 0, spec.sharp && base != 10 ? StrCat(prefix, digits) : digits, padding, out);
  return true;
}

std::string PrintWithC(double value, char verb, int precision, bool sharp) {
  char format[8];
  std::snprintf(format, sizeof(format), sharp ? "%%#.*%c" : "%%.*%c", verb);
  std::string text(1500, '\0');  // 309 digits before the point, at most kMaxWidth behind it
  text.resize(std::snprintf(text.data(), text.size(), format, precision, value));
  return text;
}

// C's "0x1.8p+0" as Go's "0x1.8p+00".
std::string HexFloat(double value, const Spec& spec) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), spec.verb == 'X' ? "%A" : "%a", value);
  std::string text = buffer;
  const size_t exponent = text.find_first_of("pP");
  if (exponent != std::string::npos && text.size() == exponent + 3)
    text.insert(exponent + 2, 1, '0');
  return text;
}

// False for a verb that floats do not have.
bool AppendFloat64(double value, const Spec& spec, std::string* out) {
  if (std::string_view("vgGeEfFxX").find(spec.verb) == std::string_view::npos) return false;
  if (std::isnan(value) || std::isinf(value)) {
    Spec padding = spec;
    padding.zero = false;
    if (std::isnan(value)) {
      AppendSigned(false, "NaN", padding, out);
    } else {
      AppendPadded(value > 0 ? "+Inf" : "-Inf", padding, out);
    }
    return true;
  }
  const double magnitude = std::abs(value);
  std::string digits;
  if (spec.verb == 'x' || spec.verb == 'X') {
    digits = HexFloat(magnitude, spec);
  } else if (spec.verb == 'v' || spec.verb == 'g' || spec.verb == 'G') {
    digits = spec.precision < 0 ? FormatFloatG(magnitude)
                                : PrintWithC(magnitude, 'g', spec.precision, spec.sharp);
    if (spec.verb == 'G') std::transform(digits.begin(), digits.end(), digits.begin(), ::toupper);
  } else {
    digits = PrintWithC(magnitude, spec.verb, spec.precision < 0 ? 6 : spec.precision, spec.sharp);
  }
  AppendSigned(std::signbit(value), digits, spec, out);
  return true;
}

bool AppendString(std::string_view value, const Spec& spec, std::string* out) {
  if (spec.precision >= 0) value = FirstCharacters(value, spec.precision);
  std::string text;
  switch (spec.verb) {
    case 'v':
    case 's':
      AppendPadded(value, spec, out);
      return true;
    case 'q':
      AppendQuoted(value, &text);
      AppendPadded(text, spec, out);
      return true;
    case 'x':
    case 'X':
      for (const char c : value) {
        const std::string hex = Digits(static_cast<unsigned char>(c), 16, spec.verb == 'X');
        text.append(2 - hex.size(), '0').append(hex);
      }
      AppendPadded(text, spec, out);
      return true;
    default:
      return false;
  }
}

void AppendArgument(const TemplateValue& value, const Spec& spec, std::string* out);

void AppendFields(const TemplateValue::Map& map, const Spec& spec, std::string* out) {
  const bool is_struct = map.kind == TemplateValue::MapKind::kStruct;
  out->append(is_struct ? "{" : "map[");
  bool first = true;
  for (const TemplateValue::Field& field : map.fields) {
    if (!std::exchange(first, false)) out->push_back(' ');
    if (!is_struct) {
      AppendArgument(TemplateValue::String(field.name), spec, out);
      out->push_back(':');
    }
    AppendArgument(field.value, spec, out);
  }
  out->push_back(is_struct ? '}' : ']');
}

void AppendArgument(const TemplateValue& value, const Spec& spec, std::string* out) {
  if (spec.verb == 'T') {
    AppendPadded(value.IsNil() ? "<nil>" : value.TypeName(), spec, out);
    return;
  }
  bool suits = false;
  if (value.IsNil() && spec.verb == 'v') {
    AppendPadded("<nil>", spec, out);
    suits = true;
  } else if (const bool* b = value.AsBool()) {
    suits = spec.verb == 't' || spec.verb == 'v';
    if (suits) AppendPadded(*b ? "true" : "false", spec, out);
  } else if (const int64_t* i = value.AsInt()) {
    suits = AppendInt(*i, spec, out);
  } else if (const double* d = value.AsFloat()) {
    suits = AppendFloat64(*d, spec, out);
  } else if (const std::string* s = value.AsString()) {
    suits = AppendString(*s, spec, out);
  } else if (const TemplateValue::List* list = value.AsList()) {
    out->push_back('[');
    for (size_t i = 0; i < list->size(); ++i) {
      if (i > 0) out->push_back(' ');
      AppendArgument((*list)[i], spec, out);
    }
    out->push_back(']');
    suits = true;
  } else if (const TemplateValue::Map* map = value.AsMap()) {
    AppendFields(*map, spec, out);
    suits = true;
  }
  if (suits) return;
  StrAppend(out, "%!", std::string(1, spec.verb), "(");
  if (!value.IsNil()) StrAppend(out, value.TypeName(), "=");
  StrAppend(out, FormatGoValue(value), ")");
}

int ConsumeNumber(std::string_view& rest) {
  int number = 0;
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    number = std::min(kMaxWidth, number * 10 + (rest.front() - '0'));
    rest.remove_prefix(1);
  }
  return number;
}

// Takes what stands between '%' and the verb off the front of `rest`.
Spec ConsumeSpec(std::string_view& rest) {
  Spec spec;
  for (; !rest.empty(); rest.remove_prefix(1)) {
    const char c = rest.front();
    if (c == '-') {
      spec.minus = true;
    } else if (c == '+') {
      spec.plus = true;
    } else if (c == '#') {
      spec.sharp = true;
    } else if (c == ' ') {
      spec.space = true;
    } else if (c == '0') {
      spec.zero = true;
    } else {
      break;
    }
  }
  spec.width = ConsumeNumber(rest);
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    spec.precision = ConsumeNumber(rest);
  }
  return spec;
}

}  // namespace

std::string FormatGoFloat(double value) { return FormatGoValue(TemplateValue::Float(value)); }

std::string FormatGoValue(const TemplateValue& value) {
  std::string text;
  AppendArgument(value, Spec{}, &text);
  return text;
}

std::string GoSprintf(std::string_view format, std::span<const TemplateValue> arguments) {
  std::string out;
  size_t used = 0;
  for (std::string_view rest = format; !rest.empty();) {
    const size_t percent = rest.find('%');
    out.append(rest.substr(0, percent));
    if (percent == std::string_view::npos) break;
    rest.remove_prefix(percent + 1);
    Spec spec = ConsumeSpec(rest);
    if (rest.empty()) {
      out.append("%!(NOVERB)");
      break;
    }
    spec.verb = rest.front();
    rest.remove_prefix(1);
    if (spec.verb == '%') {
      out.push_back('%');
    } else if (used == arguments.size()) {
      StrAppend(&out, "%!", std::string(1, spec.verb), "(MISSING)");
    } else {
      AppendArgument(arguments[used++], spec, &out);
    }
  }
  for (size_t i = used; i < arguments.size(); ++i) {
    out.append(i == used ? "%!(EXTRA " : ", ");
    const TemplateValue& extra = arguments[i];
    if (!extra.IsNil()) StrAppend(&out, extra.TypeName(), "=");
    out.append(FormatGoValue(extra));
  }
  if (used < arguments.size()) out.push_back(')');
  return out;
}

std::string GoSprint(std::span<const TemplateValue> arguments) {
  std::string out;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0 && !arguments[i].AsString() && !arguments[i - 1].AsString()) out.push_back(' ');
    out.append(FormatGoValue(arguments[i]));
  }
  return out;
}

}  // namespace tidemark::alerting
