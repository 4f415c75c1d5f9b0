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

// The same digits with an exponent below 1e-4 and from 1e6 on, as Go's %g prints: "0.0001",
// "1e-05", "100000", "1e+06".
std::string FormatFloatG(double value);
// A bucket's bound or a quantile as OpenMetrics wants it in a label: as FormatFloatG, but with
// ".0" where it would look like a whole number: "1.0", "1e+06", "+Inf".
std::string FormatBound(double value);

// A float as Go's strconv.ParseFloat reads it in exposition text and label values: decimal,
// exponent, hexadecimal with p exponent, "Inf", "+inf", "infinity", "NaN" in any case. nullopt for
// anything else; magnitudes beyond the range give infinity or zero.
std::optional<double> ParseFloat(std::string_view text);

}  // namespace tidemark
