#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// UTF-8 text with every letter in lower or upper case, letter by letter ("ß" stays). Bytes that are
// not UTF-8 stay as they are. Thread-safe.
std::string ToLowerCase(std::string_view text);
std::string ToUpperCase(std::string_view text);

}  // namespace tidemark
