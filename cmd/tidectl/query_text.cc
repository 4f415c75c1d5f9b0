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

// ` @[1435781451.781]` of a pair that begins with that time.
std::string At(const JsonValue& pair) {
  const double milliseconds = std::round(pair.At(0).Number() * 1000);
  return StrCat(" @[", FormatFloat(milliseconds / 1000), "]");
}

// `1 @[1435781451.781]` of `[1435781451.781, "1"]`.
std::string Sample(const JsonValue& pair) { return pair.At(1).String() + At(pair); }

// `(0.5,1]:3` of `[0, "0.5", "1", "3"]`.
std::string Bucket(const JsonValue& bucket) {
  const double rule = bucket.At(0).Number();
  const bool lower_inclusive = rule == 1 || rule == 3, upper_inclusive = rule == 0 || rule == 3;
  const auto bound = [&](size_t i) {
    return FormatFloatG(ParseFloat(bucket.At(i).String()).value_or(NAN));
  };
  return StrCat(lower_inclusive ? "[" : "(", bound(1), ",", bound(2), upper_inclusive ? "]" : ")",
                ":", bucket.At(3).String());
}

// `Count: 4, Sum: 5, Buckets: [(0.5,1]:1 (1,2]:3] @[1435781451.781]`, as promtool prints it.
std::string Histogram(const JsonValue& pair) {
  std::string buckets;
  for (const JsonValue& bucket : pair.At(1).Get("buckets").Elements()) {
    StrAppend(&buckets, buckets.empty() ? "" : " ", Bucket(bucket));
  }
  return StrCat("Count: ", pair.At(1).Get("count").String(),
                ", Sum: ", pair.At(1).Get("sum").String(), ", Buckets: [", buckets, "]", At(pair));
}

std::string FormatSeries(const JsonValue& series) {
  std::string text = StrCat(Labels(series.Get("metric")).ToString(), " =>\n");
  for (const JsonValue& value : series.Get("values").Elements()) {
    StrAppend(&text, Sample(value), "\n");
  }
  for (const JsonValue& value : series.Get("histograms").Elements()) {
    StrAppend(&text, Histogram(value), "\n");
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
      const JsonValue value = series.Get("value");
      StrAppend(&text, Labels(series.Get("metric")).ToString(), " => ",
                value.IsNull() ? Histogram(series.Get("histogram")) : Sample(value), "\n");
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
