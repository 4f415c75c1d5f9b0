#include "http/otlp/otlp_names.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

#include "base/strings.h"

namespace tidemark::http {
namespace {

using Word = std::pair<std::string_view, std::string_view>;
constexpr Word kUnits[] = {
    {"d", "days"},
    {"h", "hours"},
    {"min", "minutes"},
    {"s", "seconds"},
    {"ms", "milliseconds"},
    {"us", "microseconds"},
    {"ns", "nanoseconds"},
    {"By", "bytes"},
    {"KiBy", "kibibytes"},
    {"MiBy", "mebibytes"},
    {"GiBy", "gibibytes"},
    {"TiBy", "tibibytes"},
    {"KBy", "kilobytes"},
    {"MBy", "megabytes"},
    {"GBy", "gigabytes"},
    {"TBy", "terabytes"},
    {"m", "meters"},
    {"V", "volts"},
    {"A", "amperes"},
    {"J", "joules"},
    {"W", "watts"},
    {"g", "grams"},
    {"Cel", "celsius"},
    {"Hz", "hertz"},
    {"1", ""},
    {"%", "percent"},
};
constexpr Word kPerUnits[] = {
    {"s", "second"}, {"m", "minute"}, {"h", "hour"}, {"d", "day"},
    {"w", "week"},   {"mo", "month"}, {"y", "year"},
};

template <size_t kSize>
std::string_view WordFor(std::string_view unit, const Word (&words)[kSize]) {
  const auto* const found =
      std::find_if(words, words + kSize, [&](const Word& word) { return word.first == unit; });
  return found == words + kSize ? unit : found->second;
}

struct Units {
  std::string unit, per;  // "meters", "second"
};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

// What is in braces only annotates.
bool IsUnit(std::string_view text) {
  return !text.empty() && text.find_first_of("{}") == std::string_view::npos;
}

Units UnitsOf(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view unit = Trimmed(text.substr(0, slash));
  const std::string_view per =
      slash == std::string_view::npos ? std::string_view() : Trimmed(text.substr(slash + 1));
  Units units;
  if (IsUnit(unit)) units.unit = WordFor(unit, kUnits);
  if (IsUnit(per)) units.per = WordFor(per, kPerUnits);
  return units;
}

bool IsWordChar(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == ':'; }
bool IsNameChar(char c) { return IsWordChar(c) || c == '_'; }

// The longest pieces of characters that pass `keep`.
std::vector<std::string> Pieces(std::string_view text, bool (*keep)(char)) {
  std::vector<std::string> pieces;
  bool inside = false;
  for (const char c : text) {
    if (!keep(c)) {
      inside = false;
      continue;
    }
    if (!inside) pieces.emplace_back();
    inside = true;
    pieces.back().push_back(c);
  }
  return pieces;
}

std::string Joined(const std::vector<std::string>& pieces) {
  std::string joined;
  for (const std::string& piece : pieces) {
    if (!joined.empty()) joined.push_back('_');
    joined.append(piece);
  }
  return joined;
}

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
void MoveToEnd(std::string_view word, std::vector<std::string>& words) {
  words.erase(std::remove(words.begin(), words.end(), word), words.end());
  words.emplace_back(word);
}

// The last word that its type asks for; empty where none is.
std::string_view TypeWord(const OtlpMetric& metric) {
  if (metric.kind == OtlpKind::kSum && metric.is_monotonic) return "total";
  const bool is_gauge =
      metric.kind == OtlpKind::kGauge || (metric.kind == OtlpKind::kSum && !metric.is_monotonic);
  return is_gauge && metric.unit == "1" ? "ratio" : "";
}

std::string EscapedWithSuffixes(const OtlpMetric& metric) {
  std::vector<std::string> words = Pieces(metric.name, IsWordChar);
  const Units units = UnitsOf(metric.unit);
  const std::string unit = Joined(Pieces(units.unit, IsWordChar));
  const std::string per = Joined(Pieces(units.per, IsWordChar));
  const bool has_unit = Contains(words, unit), has_per = Contains(words, per);
  if (!unit.empty() && !has_unit) words.push_back(unit);
  if (!per.empty() && !has_per) {
    words.emplace_back("per");
    words.push_back(per);
  }
  if (const std::string_view word = TypeWord(metric); !word.empty()) MoveToEnd(word, words);
  return Joined(words);
}

// Appends "_word" unless the name ends so.
void AddSuffix(std::string_view word, std::string* name) {
  if (!word.empty() && !name->ends_with(word)) name->append("_").append(word);
}

std::string WithSuffixes(const OtlpMetric& metric) {
  std::string name = metric.name;
  const std::string_view type_word = TypeWord(metric);
  if (const std::string suffix = StrCat("_", type_word);
      !type_word.empty() && name.ends_with(suffix)) {
    name.resize(name.size() - suffix.size());
  }
  const Units units = UnitsOf(metric.unit);
  AddSuffix(units.unit, &name);
  if (!units.per.empty()) AddSuffix(StrCat("per_", units.per), &name);
  AddSuffix(type_word, &name);
  return name;
}

bool StartsWithDigit(std::string_view name) {
  return !name.empty() && absl::ascii_isdigit(static_cast<unsigned char>(name.front()));
}

bool IsEscaping(OtlpNames names) {
  return names == OtlpNames::kUnderscoreEscapingWithSuffixes ||
         names == OtlpNames::kUnderscoreEscapingWithoutSuffixes;
}

}  // namespace

std::string OtlpMetricName(const OtlpMetric& metric, OtlpNames names) {
  if (names == OtlpNames::kNoTranslation) return metric.name;
  if (names == OtlpNames::kNoUtf8EscapingWithSuffixes) return WithSuffixes(metric);
  std::string name = names == OtlpNames::kUnderscoreEscapingWithSuffixes
                         ? EscapedWithSuffixes(metric)
                         : Joined(Pieces(metric.name, IsNameChar));
  return StartsWithDigit(name) ? StrCat("_", name) : name;
}

std::string OtlpLabelName(std::string_view key, const OtlpOptions& options) {
  if (!IsEscaping(options.names)) return std::string(key);
  std::string name;
  for (size_t i = 0; i < key.size(); ++i) {
    const auto c = static_cast<unsigned char>(key[i]);
    if ((c & 0xc0) == 0x80 && i > 0) continue;  // one underscore for a character of several bytes
    const char out = absl::ascii_isalnum(c) ? static_cast<char>(c) : '_';
    const bool again = out == '_' && !name.empty() && name.back() == '_';
    if (again && !options.keep_multiple_underscores) continue;
    name.push_back(out);
  }
  if (StartsWithDigit(name)) return StrCat("key_", name);
  if (options.prefix_underscore && name.starts_with("_") && !name.starts_with("__")) {
    return StrCat("key", name);
  }
  return name;
}

}  // namespace tidemark::http
