#include "base/labels/letter_case.h"

#include <clocale>
#include <cstdint>
#include <cwchar>
#include <cwctype>

namespace tidemark {
namespace {

// glibc's tables of Unicode letters, whatever the locale of the process. wint_t is a code point.
locale_t UnicodeLocale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

size_t SequenceLength(unsigned char lead) {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
}

// Takes one code point off the front of `text`; false, and nothing taken, where there is none.
bool ConsumeCodePoint(std::string_view& text, uint32_t* code_point) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = SequenceLength(lead);
  if (length > text.size() || (length == 1 && lead >= 0x80)) return false;
  *code_point = length == 1 ? lead : lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return false;
    *code_point = *code_point << 6 | (next & 0x3f);
  }
  text.remove_prefix(length);
  return true;
}

void AppendCodePoint(uint32_t code_point, std::string* out) {
  const auto append = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    append(code_point);
    return;
  }
  if (code_point < 0x800) {
    append(0xc0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      append(0xe0 | code_point >> 12);
    } else {
      append(0xf0 | code_point >> 18);
      append(0x80 | (code_point >> 12 & 0x3f));
    }
    append(0x80 | (code_point >> 6 & 0x3f));
  }
  append(0x80 | (code_point & 0x3f));
}

std::string MapLetters(std::string_view text, wint_t (*map)(wint_t, locale_t)) {
  std::string mapped;
  mapped.reserve(text.size());
  while (!text.empty()) {
    uint32_t code_point = 0;
    if (ConsumeCodePoint(text, &code_point)) {
      AppendCodePoint(map(code_point, UnicodeLocale()), &mapped);
    } else {
      mapped.push_back(text[0]);
      text.remove_prefix(1);
    }
  }
  return mapped;
}

}  // namespace

std::string ToLowerCase(std::string_view text) { return MapLetters(text, towlower_l); }
std::string ToUpperCase(std::string_view text) { return MapLetters(text, towupper_l); }

}  // namespace tidemark
