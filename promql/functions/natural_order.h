#pragma once

#include <compare>
#include <string_view>

namespace tidemark::promql {

// The order in which people list names that contain numbers: runs of digits compare as numbers,
// all else byte by byte, so "cpu2" comes before "cpu10". Texts that differ in leading zeros only
// compare byte by byte.
std::strong_ordering CompareNaturally(std::string_view a, std::string_view b);

}  // namespace tidemark::promql
