#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// Without blanks, tabs and line breaks at both ends.
std::string_view Trimmed(std::string_view text);
// A to Z as a to z; all other bytes stay.
std::string LowerCase(std::string_view text);

}  // namespace tidemark
