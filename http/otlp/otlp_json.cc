#include "http/otlp/otlp_json.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/model/float_format.h"
#include "base/status_macros.h"
#include "base/strings.h"

namespace tidemark::http {
namespace {

absl::Status BadRequest(std::string_view reason) {
  return absl::InvalidArgumentError(StrCat("bad OTLP metrics request: ", reason));
}

// The digits of a number, which may be in a string.
std::string Digits(const JsonValue& value) {
  return value.IsString() ? value.String() : value.IsNull() ? "0" : value.Dump();
}

template <typename T>
absl::Status ReadWhole(const JsonValue& value, std::string_view what, T* number) {
  const std::string text = Digits(value);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error == std::errc() && end == text.data() + text.size()) return absl::OkStatus();
  return BadRequest(StrCat(what, " is no whole number in range: ", text.substr(0, 100)));
}

absl::Status ReadDouble(const JsonValue& value, std::string_view what, double* number) {
  const std::string text = Digits(value);
  const std::optional<double> parsed = ParseFloat(text);
  if (!parsed) return BadRequest(StrCat(what, " is no number: ", text.substr(0, 100)));
  *number = *parsed;
  return absl::OkStatus();
}

absl::Status WriteJson(const JsonValue& any, int depth, JsonWriter& json) {
  if (depth > kMaxOtlpDepth) return BadRequest("an attribute value is nested too deeply");
  const auto members = any.Members();
  if (members.empty()) {
    json.Null();
    return absl::OkStatus();
  }
  const auto& [kind, value] = members.front();
  if (kind == "arrayValue") {
    json.BeginArray();
    for (const JsonValue& element : value.Get("values").Elements()) {
      RETURN_IF_ERROR(WriteJson(element, depth + 1, json));
    }
    json.EndArray();
  } else if (kind == "kvlistValue") {
    json.BeginObject();
    for (const JsonValue& pair : value.Get("values").Elements()) {
      json.Key(pair.Get("key").String());
      RETURN_IF_ERROR(WriteJson(pair.Get("value"), depth + 1, json));
    }
    json.EndObject();
  } else if (kind == "intValue") {
    int64_t number = 0;
    RETURN_IF_ERROR(ReadWhole(value, "an attribute's intValue", &number));
    json.Int(number);
  } else if (kind == "doubleValue") {
    double number = 0;
    RETURN_IF_ERROR(ReadDouble(value, "an attribute's doubleValue", &number));
    json.Number(number);
  } else {
    json.Raw(value.Dump());  // a string, base64 or a boolean
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TextOf(const JsonValue& any) {
  const JsonValue text = any.Get("stringValue");
  if (text.IsString()) return text.String();
  const JsonValue bytes = any.Get("bytesValue");
  if (bytes.IsString()) return bytes.String();
  if (const JsonValue number = any.Get("doubleValue"); !number.IsNull()) {
    double value = 0;
    RETURN_IF_ERROR(ReadDouble(number, "an attribute's doubleValue", &value));
    return FormatFloat(value);
  }
  std::string json_text;
  JsonWriter json(&json_text);
  RETURN_IF_ERROR(WriteJson(any, 0, json));
  return json_text == "null" ? "" : json_text;
}

absl::Status ReadAttributes(const JsonValue& list, OtlpAttributes* attributes) {
  for (const JsonValue& pair : list.Elements()) {
    ASSIGN_OR_RETURN(std::string value, TextOf(pair.Get("value")));
    attributes->push_back({pair.Get("key").String(), std::move(value)});
  }
  return absl::OkStatus();
}

absl::Status ReadCommon(const JsonValue& json, OtlpPoint* point) {
  constexpr uint32_t kNoRecordedValue = 1;
  uint32_t flags = 0;
  RETURN_IF_ERROR(ReadAttributes(json.Get("attributes"), &point->attributes));
  RETURN_IF_ERROR(
      ReadWhole(json.Get("startTimeUnixNano"), "startTimeUnixNano", &point->start_time));
  RETURN_IF_ERROR(ReadWhole(json.Get("timeUnixNano"), "timeUnixNano", &point->time));
  RETURN_IF_ERROR(ReadWhole(json.Get("flags"), "flags", &flags));
  point->no_recorded_value = (flags & kNoRecordedValue) != 0;
  return absl::OkStatus();
}

absl::Status ReadSum(const JsonValue& json, std::optional<double>* sum) {
  const JsonValue value = json.Get("sum");
  if (value.IsNull()) return absl::OkStatus();
  return ReadDouble(value, "sum", &sum->emplace());
}

absl::Status ReadCounts(const JsonValue& list, std::vector<uint64_t>* counts) {
  const std::vector<JsonValue> elements = list.Elements();
  if (elements.size() > kMaxOtlpBuckets) return BadRequest("a histogram has too many buckets");
  for (const JsonValue& element : elements) {
    RETURN_IF_ERROR(ReadWhole(element, "a bucket's count", &counts->emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status VisitNumber(const JsonValue& json, OtlpVisitor& visitor) {
  OtlpNumber point;
  RETURN_IF_ERROR(ReadCommon(json, &point));
  if (const JsonValue whole = json.Get("asInt"); !whole.IsNull()) {
    int64_t number = 0;
    RETURN_IF_ERROR(ReadWhole(whole, "asInt", &number));
    point.value = static_cast<double>(number);
  } else {
    RETURN_IF_ERROR(ReadDouble(json.Get("asDouble"), "asDouble", &point.value));
  }
  return visitor.Visit(point);
}

absl::Status VisitHistogram(const JsonValue& json, OtlpVisitor& visitor) {
  OtlpHistogram point;
  RETURN_IF_ERROR(ReadCommon(json, &point));
  RETURN_IF_ERROR(ReadWhole(json.Get("count"), "count", &point.count));
  RETURN_IF_ERROR(ReadSum(json, &point.sum));
  RETURN_IF_ERROR(ReadCounts(json.Get("bucketCounts"), &point.counts));
  const std::vector<JsonValue> bounds = json.Get("explicitBounds").Elements();
  if (bounds.size() > kMaxOtlpBuckets) return BadRequest("a histogram has too many buckets");
  for (const JsonValue& bound : bounds) {
    RETURN_IF_ERROR(ReadDouble(bound, "a bucket's bound", &point.bounds.emplace_back()));
  }
  return visitor.Visit(point);
}

absl::Status ReadBuckets(const JsonValue& json, OtlpExponentialHistogram::Buckets* buckets) {
  RETURN_IF_ERROR(ReadWhole(json.Get("offset"), "offset", &buckets->offset));
  return ReadCounts(json.Get("bucketCounts"), &buckets->counts);
}

absl::Status VisitExponential(const JsonValue& json, OtlpVisitor& visitor) {
  OtlpExponentialHistogram point;
  RETURN_IF_ERROR(ReadCommon(json, &point));
  RETURN_IF_ERROR(ReadWhole(json.Get("count"), "count", &point.count));
  RETURN_IF_ERROR(ReadWhole(json.Get("zeroCount"), "zeroCount", &point.zero_count));
  RETURN_IF_ERROR(ReadWhole(json.Get("scale"), "scale", &point.scale));
  RETURN_IF_ERROR(ReadDouble(json.Get("zeroThreshold"), "zeroThreshold", &point.zero_threshold));
  RETURN_IF_ERROR(ReadSum(json, &point.sum));
  RETURN_IF_ERROR(ReadBuckets(json.Get("positive"), &point.positive));
  RETURN_IF_ERROR(ReadBuckets(json.Get("negative"), &point.negative));
  return visitor.Visit(point);
}

absl::Status VisitSummary(const JsonValue& json, OtlpVisitor& visitor) {
  OtlpSummary point;
  RETURN_IF_ERROR(ReadCommon(json, &point));
  RETURN_IF_ERROR(ReadWhole(json.Get("count"), "count", &point.count));
  RETURN_IF_ERROR(ReadDouble(json.Get("sum"), "sum", &point.sum));
  for (const JsonValue& element : json.Get("quantileValues").Elements()) {
    auto& [quantile, value] = point.quantiles.emplace_back(0, 0);
    RETURN_IF_ERROR(ReadDouble(element.Get("quantile"), "quantile", &quantile));
    RETURN_IF_ERROR(ReadDouble(element.Get("value"), "a quantile's value", &value));
  }
  return visitor.Visit(point);
}

struct Kind {
  std::string_view key;
  OtlpKind kind;
  absl::Status (*visit)(const JsonValue& point, OtlpVisitor& visitor);
};
constexpr Kind kKinds[] = {
    {"gauge", OtlpKind::kGauge, VisitNumber},
    {"sum", OtlpKind::kSum, VisitNumber},
    {"histogram", OtlpKind::kHistogram, VisitHistogram},
    {"exponentialHistogram", OtlpKind::kExponentialHistogram, VisitExponential},
    {"summary", OtlpKind::kSummary, VisitSummary},
};

absl::Status ReadTemporality(const JsonValue& json, OtlpTemporality* temporality) {
  if (json.IsString() && json.String().starts_with("AGGREGATION_TEMPORALITY_")) {
    const std::string name = json.String();
    *temporality = name.ends_with("_DELTA")        ? OtlpTemporality::kDelta
                   : name.ends_with("_CUMULATIVE") ? OtlpTemporality::kCumulative
                                                   : OtlpTemporality::kUnspecified;
    return absl::OkStatus();
  }
  int number = 0;
  RETURN_IF_ERROR(ReadWhole(json, "aggregationTemporality", &number));
  *temporality = static_cast<OtlpTemporality>(number);
  return absl::OkStatus();
}

absl::Status ReadMetric(const JsonValue& json, OtlpVisitor& visitor) {
  OtlpMetric metric;
  metric.name = json.Get("name").String();
  metric.unit = json.Get("unit").String();
  const auto* const kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                        [&](const Kind& k) { return json.Get(k.key).IsObject(); });
  if (kind == std::end(kKinds)) {
    visitor.BeginMetric(metric);
    return absl::OkStatus();
  }
  const JsonValue data = json.Get(kind->key);
  metric.kind = kind->kind;
  metric.is_monotonic = data.Get("isMonotonic").Dump() == "true";
  RETURN_IF_ERROR(ReadTemporality(data.Get("aggregationTemporality"), &metric.temporality));
  if (!visitor.BeginMetric(metric)) return absl::OkStatus();
  for (const JsonValue& point : data.Get("dataPoints").Elements()) {
    RETURN_IF_ERROR(kind->visit(point, visitor));
  }
  return absl::OkStatus();
}

absl::Status ReadScopeMetrics(const JsonValue& json, OtlpVisitor& visitor) {
  OtlpScope scope;
  scope.name = json.Get("scope").Get("name").String();
  scope.version = json.Get("scope").Get("version").String();
  scope.schema_url = json.Get("schemaUrl").String();
  RETURN_IF_ERROR(ReadAttributes(json.Get("scope").Get("attributes"), &scope.attributes));
  visitor.BeginScope(scope);
  for (const JsonValue& metric : json.Get("metrics").Elements()) {
    RETURN_IF_ERROR(ReadMetric(metric, visitor));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadOtlpJson(std::string_view text, OtlpVisitor& visitor) {
  const absl::StatusOr<JsonValue> request = JsonValue::Parse(text);
  if (!request.ok()) return BadRequest(ToStd(request.status().message()));
  if (!request->IsObject()) return BadRequest("not a JSON object");
  for (const JsonValue& json : request->Get("resourceMetrics").Elements()) {
    OtlpAttributes attributes;
    RETURN_IF_ERROR(ReadAttributes(json.Get("resource").Get("attributes"), &attributes));
    visitor.BeginResource(attributes);
    for (const JsonValue& scope : json.Get("scopeMetrics").Elements()) {
      RETURN_IF_ERROR(ReadScopeMetrics(scope, visitor));
    }
    RETURN_IF_ERROR(visitor.EndResource());
  }
  return absl::OkStatus();
}

}  // namespace tidemark::http
