#include "alerting/rules/alert_list_text.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/json_writer.h"
#include "base/labels/label_text.h"
#include "base/strings.h"

namespace tidemark::alerting {
namespace {

constexpr std::string_view kMargin = "            ";  // before every line but the first
constexpr std::string_view kRed = "\033[0;31m", kGreen = "\033[0;32m", kYellow = "\033[0;33m",
                           kPlain = "\033[0m";

std::string Json(std::string_view text) {
  std::string out = "\"";
  AppendJsonEscaped(text, &out);
  return out + "\"";
}

// Writes the lines of a diff.
class DiffWriter {
 public:
  // One alert, in `colour` as a whole where that is not empty.
  void Alert(const NamedAlert* want, const NamedAlert* got, bool last) {
    const std::string_view whole = want == nullptr ? kGreen : got == nullptr ? kRed : "";
    static const NamedAlert kNone;
    Line(1, whole, "{");
    Labels("Annotations", whole, (want ? want : &kNone)->annotations,
           (got ? got : &kNone)->annotations, false);
    Labels("Labels", whole, (want ? want : &kNone)->labels, (got ? got : &kNone)->labels, true);
    Line(1, whole, "}", last ? "" : ",");
  }

  std::string Take() { return "[" + std::move(text_) + "\n" + std::string(kMargin) + "]"; }

 private:
  // `text` in `colour`, then what is not coloured.
  void Line(int depth, std::string_view colour, std::string_view text, std::string_view tail = "") {
    StrAppend(&text_, "\n", kMargin, std::string(4 * static_cast<size_t>(depth), ' '), colour, text,
              colour.empty() ? "" : kPlain, tail);
  }

  void Labels(std::string_view key, std::string_view whole, const LabelSet& want,
              const LabelSet& got, bool last) {
    const std::string comma = last ? "" : ",";
    const std::string head = Json(key) + ": {";
    if (want.empty() && got.empty()) return Line(2, whole, head + "}" + comma);
    std::map<std::string_view, std::pair<std::string_view, std::string_view>> values;
    for (const LabelView& label : want) values[label.name].first = label.value;
    for (const LabelView& label : got) values[label.name].second = label.value;
    Line(2, whole, head);
    size_t left = values.size();
    for (const auto& [name, pair] : values) {
      Label(name, whole, pair.first, pair.second, --left == 0 ? "" : ",");
    }
    Line(2, whole, "}" + comma);
  }

  void Label(std::string_view name, std::string_view whole, std::string_view want,
             std::string_view got, const std::string& comma) {
    const std::string key = Json(name) + ": ";
    const std::string either = key + Json(want.empty() ? got : want);
    if (!whole.empty()) return Line(3, whole, either + comma);
    if (got.empty()) return Line(3, kRed, either, comma);
    if (want.empty()) return Line(3, kGreen, either, comma);
    if (want == got) return Line(3, "", either + comma);
    Line(3, "", StrCat(key, kYellow, Json(want), " => ", Json(got), kPlain, comma));
  }

  std::string text_;
};

}  // namespace

std::string FormatAlerts(const std::vector<NamedAlert>& alerts) {
  if (alerts.empty()) return "[]";
  std::string text = "[";
  size_t number = 0;
  for (const NamedAlert& alert : alerts) {
    StrAppend(&text, number == 0 ? "\n" : ",\n", kMargin, number, ":\n");
    StrAppend(&text, kMargin, "  Labels:", FormatLabels(alert.labels), "\n");
    StrAppend(&text, kMargin, "  Annotations:", FormatLabels(alert.annotations));
    ++number;
  }
  StrAppend(&text, "\n", kMargin, "]");
  return text;
}

std::string DiffAlerts(std::vector<NamedAlert> want, std::vector<NamedAlert> got) {
  // As promtool: an empty list counts as one alert without labels.
  if (want.empty()) want.emplace_back();
  if (got.empty()) got.emplace_back();
  DiffWriter writer;
  const size_t count = std::max(want.size(), got.size());
  for (size_t i = 0; i < count; ++i) {
    writer.Alert(i < want.size() ? &want[i] : nullptr, i < got.size() ? &got[i] : nullptr,
                 i + 1 == count);
  }
  return writer.Take();
}

}  // namespace tidemark::alerting
