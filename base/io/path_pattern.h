#pragma once

#include <string>
#include <vector>

namespace tidemark {

// The paths that a pattern of glob(7) stands for, sorted. Empty where there is none.
std::vector<std::string> ExpandPattern(const std::string& pattern);

}  // namespace tidemark
