#pragma once

#include <string>
#include <string_view>

namespace tidemark::http {

// The name that "U__..." stands for: "__" is "_", "_2e_" the character U+002E. What is not escaped
// so, or not rightly, is itself. Source: github.com/prometheus/common, model.UnescapeName.
std::string UnescapeName(std::string_view escaped);

}  // namespace tidemark::http
