#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tidemark {

// Appends `replacement` to `out` with `$1`, `${1}`, `$name` and `${name}` replaced by what `group`
// gives for the number or name, and `$$` by a dollar. A dollar that begins no reference stands for
// itself. Source: Go, regexp.Expand, which Prometheus's relabeling and templates use.
void ExpandReferences(std::string_view replacement,
                      const std::function<std::string_view(std::string_view)>& group,
                      std::string* out);

}  // namespace tidemark
