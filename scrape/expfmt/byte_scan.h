#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Finds where a run of bytes ends, sixteen bytes at a step where the processor has SSE2 (every
// x86-64 does). Nothing past `end` is read.
namespace tidemark::scrape {

// A class of bytes: those equal to one of `kBytes`.
template <char... kBytes>
struct AnyOf {
  static bool Has(char c) { return ((c == kBytes) || ...); }
#ifdef __SSE2__
  static __m128i Has(__m128i bytes) {
    __m128i found = _mm_setzero_si128();
    ((found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(kBytes)))), ...);
    return found;
  }
#endif
};

// The bytes that do not belong to a bare metric name: outside [a-zA-Z0-9_:].
struct OutsideName {
  static bool Has(char c) {
    const auto letter = static_cast<uint8_t>((c | 0x20) - 'a');
    const auto digit_or_colon = static_cast<uint8_t>(c - '0');  // ':' follows '9'
    return letter >= 26 && digit_or_colon >= 11 && c != '_';
  }
#ifdef __SSE2__
  static __m128i Has(__m128i bytes) {
    const auto below = [](__m128i v, int first, int count) {
      const __m128i offset = _mm_sub_epi8(v, _mm_set1_epi8(static_cast<char>(first)));
      const __m128i last = _mm_set1_epi8(static_cast<char>(count - 1));
      return _mm_cmpeq_epi8(_mm_min_epu8(offset, last), offset);
    };
    const __m128i letter = below(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
    const __m128i digit_or_colon = below(bytes, '0', 11);
    const __m128i underscore = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
    const __m128i inside = _mm_or_si128(_mm_or_si128(letter, digit_or_colon), underscore);
    return _mm_xor_si128(inside, _mm_set1_epi8(-1));
  }
#endif
};

struct NotAscii {
  static bool Has(char c) { return static_cast<uint8_t>(c) >= 0x80; }
#ifdef __SSE2__
  static __m128i Has(__m128i bytes) { return bytes; }  // only the top bits are looked at
#endif
};

// The first byte in [at, end) that belongs to Class, else `end`.
template <typename Class>
const char* FindFirst(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(Class::Has(bytes)));
    if (mask != 0) return at + __builtin_ctz(mask);
  }
#endif
  while (at != end && !Class::Has(*at)) ++at;
  return at;
}

// The first line feed in [at, end), else `end`.
inline const char* FindLineEnd(const char* at, const char* end) {
  const void* found = std::memchr(at, '\n', static_cast<size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

inline std::string_view Between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

inline bool StartsName(char c) { return !OutsideName::Has(c) && !(c >= '0' && c <= '9'); }

}  // namespace tidemark::scrape
