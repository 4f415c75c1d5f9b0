#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// What an unquoted YAML scalar means as a value of a given type, as Prometheus's YAML reader takes
// it. nullopt where the text is no such value.
namespace tidemark {

// true/false, yes/no, on/off, y/n: lower case, upper case or capitalised.
std::optional<bool> ParseYamlBool(std::string_view text);
// Decimal, 0x, 0o, 0b or a leading 0 (octal), `_` between digits; a float only if it is whole.
std::optional<int64_t> ParseYamlInt(std::string_view text);
// Any integer of the above, decimal floats, ".inf", "-.inf", ".nan".
std::optional<double> ParseYamlDouble(std::string_view text);
// "512MB", "1.5GiB", "1GB512MB", "0": every unit is a power of 1024, and a unit there must be.
std::optional<uint64_t> ParseByteSize(std::string_view text);

}  // namespace tidemark
