#include "cmd/tidectl/query_text.h"

#include <cmath>

#include "base/labels/label_set.h"
#include "base/labels/label_text.h"
#include "base/model/float_format.h"
#include "base/strings.h"

namespace tidemark::tidectl {
namespace {

LabelSet Labels(const JsonValue& object) {
  LabelSetBuilder labels;
  for (const auto& [name, value] : object.Members()) labels.Set(name, value.String());
  return labels.Build();
}

// `1 @[1435781451.781]` of `[1435781451.781, "1"]`.
std::string Sample(const JsonValue& pair) {
  const double milliseconds = std::round(pair.At(0).Number() * 1000);
  return StrCat(pair.At(1).String(), " @[", FormatFloat(milliseconds / 1000), "]");
}

// A sample of floats, else a native histogram, printed as the server gave it.
std::string SampleOf(const JsonValue& series, std::string_view floats,
                     std::string_view histograms) {
  const JsonValue value = series.Get(floats);
  return value.IsNull() ? series.Get(histograms).Dump() : Sample(value);
}

std::string FormatSeries(const JsonValue& series) {
  std::string text = StrCat(Labels(series.Get("metric")).ToString(), " =>\n");
  for (const JsonValue& value : series.Get("values").Elements()) {
    StrAppend(&text, Sample(value), "\n");
  }
  for (const JsonValue& value : series.Get("histograms").Elements()) {
    StrAppend(&text, value.Dump(), "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> FormatQueryResult(const JsonValue& data) {
  const std::string type = data.Get("resultType").String();
  const JsonValue result = data.Get("result");
  if (type == "scalar") return StrCat("scalar: ", Sample(result), "\n");
  if (type == "string") return result.At(1).String() + "\n";
  std::string text;
  if (type == "vector") {
    for (const JsonValue& series : result.Elements()) {
      StrAppend(&text, Labels(series.Get("metric")).ToString(), " => ",
                SampleOf(series, "value", "histogram"), "\n");
    }
  } else if (type == "matrix") {
    for (const JsonValue& series : result.Elements()) text += FormatSeries(series);
  } else {
    return absl::FailedPreconditionError(
        StrCat("query error: the answer is of an unknown type \"", type, "\""));
  }
  return text;
}

std::string FormatLabelObject(const JsonValue& labels) { return FormatLabels(Labels(labels)); }

}  // namespace tidemark::tidectl
