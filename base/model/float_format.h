#pragma once

#include <optional>
#include <string>
#include <string_view>

// Doubles as text, in the forms that Prometheus and its clients use.
namespace tidemark {

// The shortest decimal digits that give the same double back. `AppendFloat` never uses an exponent
// below 1e21 and above 1e-6 in magnitude, as JSON sample values are written; "NaN", "+Inf", "-Inf".
void AppendFloat(double value, std::string* out);
std::string FormatFloat(double value);

// A float as Go's strconv.ParseFloat reads it in exposition text and label values: decimal,
// exponent, hexadecimal with p exponent, "Inf", "+inf", "infinity", "NaN" in any case. nullopt for
// anything else; magnitudes beyond the range give infinity or zero.
std::optional<double> ParseFloat(std::string_view text);

}  // namespace tidemark
