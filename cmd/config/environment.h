#pragma once

#include <string>
#include <string_view>

namespace tidemark::config {

// `text` with `$NAME` and `${NAME}` replaced by the environment's values, an unset one by nothing
// and a logged warning; `$$` is a dollar. Source: Go, os.Expand.
std::string ExpandEnvironment(std::string_view text);

}  // namespace tidemark::config
