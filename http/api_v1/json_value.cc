#include "http/api_v1/json_value.h"

#include <algorithm>
#include <variant>

namespace tidemark::http {
namespace {

void WritePoint(TimestampMs timestamp, double value, JsonWriter& json) {
  json.BeginArray().Seconds(timestamp).SampleValue(value).EndArray();
}

struct ValueWriter {
  JsonWriter& json;

  void operator()(const promql::ScalarValue& scalar) const {
    json.Key("resultType").String("scalar").Key("result");
    WritePoint(scalar.timestamp, scalar.value, json);
  }

  void operator()(const promql::StringValue& string) const {
    json.Key("resultType").String("string").Key("result");
    json.BeginArray().Seconds(string.timestamp).String(string.value).EndArray();
  }

  void operator()(const promql::InstantVector& vector) const {
    json.Key("resultType").String("vector").Key("result").BeginArray();
    for (const promql::VectorSample& sample : vector) {
      json.BeginObject().Key("metric");
      WriteLabels(sample.labels, json);
      json.Key("value");
      WritePoint(sample.timestamp, sample.value, json);
      json.EndObject();
    }
    json.EndArray();
  }

  void operator()(const promql::Matrix& matrix) const {
    json.Key("resultType").String("matrix").Key("result").BeginArray();
    for (const promql::Series& series : matrix) {
      json.BeginObject().Key("metric");
      WriteLabels(series.labels, json);
      json.Key("values").BeginArray();
      for (const Sample& sample : series.samples) WritePoint(sample.timestamp, sample.value, json);
      json.EndArray().EndObject();
    }
    json.EndArray();
  }
};

}  // namespace

void WriteLabels(const LabelSet& labels, JsonWriter& json) {
  json.BeginObject();
  for (const LabelView label : labels) json.Key(label.name).String(label.value);
  json.EndObject();
}

void WriteLabels(std::vector<std::pair<std::string, std::string>> labels, JsonWriter& json) {
  std::sort(labels.begin(), labels.end());
  json.BeginObject();
  for (const auto& [name, value] : labels) json.Key(name).String(value);
  json.EndObject();
}

void WriteStrings(const std::vector<std::string>& strings, JsonWriter& json) {
  json.BeginArray();
  for (const std::string& string : strings) json.String(string);
  json.EndArray();
}

void WriteQueryValue(const promql::Value& value, JsonWriter& json) {
  std::visit(ValueWriter{json}, value);
}

}  // namespace tidemark::http
