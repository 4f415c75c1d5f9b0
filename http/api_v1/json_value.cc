#include "http/api_v1/json_value.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "promql/bucket_iterator.h"

namespace tidemark::http {
namespace {

void WritePoint(TimestampMs timestamp, double value, JsonWriter& json) {
  json.BeginArray().Seconds(timestamp).SampleValue(value).EndArray();
}

// [1435781451.781,{"count":"4","sum":"5","buckets":[[0,"0.5","1","4"]]}], empty buckets left out.
void WritePoint(TimestampMs timestamp, const FloatHistogramSample& histogram, JsonWriter& json) {
  using promql::BucketIterator;
  json.BeginArray().Seconds(timestamp).BeginObject();
  json.Key("count").SampleValue(histogram.count).Key("sum").SampleValue(histogram.sum);
  bool any = false;
  BucketIterator buckets(ViewOf(histogram), BucketIterator::Order::kAscending);
  while (buckets.Next()) {
    if (buckets.count() == 0) continue;
    if (!std::exchange(any, true)) json.Key("buckets").BeginArray();
    const promql::HistogramBucket bucket = buckets.bucket();
    json.BeginArray().Int(BoundaryRule(bucket));
    json.SampleValue(bucket.lower).SampleValue(bucket.upper).SampleValue(bucket.count).EndArray();
  }
  if (any) json.EndArray();
  json.EndObject().EndArray();
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
      if (sample.histogram != nullptr) {
        json.Key("histogram");
        WritePoint(sample.timestamp, *sample.histogram, json);
      } else {
        json.Key("value");
        WritePoint(sample.timestamp, sample.value, json);
      }
      json.EndObject();
    }
    json.EndArray();
  }

  void operator()(const promql::Matrix& matrix) const {
    json.Key("resultType").String("matrix").Key("result").BeginArray();
    for (const promql::Series& series : matrix) {
      json.BeginObject().Key("metric");
      WriteLabels(series.labels, json);
      if (!series.samples.empty()) WriteFloats(series.samples);
      if (!series.histograms.empty()) WriteHistograms(series.histograms);
      json.EndObject();
    }
    json.EndArray();
  }

 private:
  void WriteFloats(const std::vector<Sample>& samples) const {
    json.Key("values").BeginArray();
    for (const Sample& sample : samples) WritePoint(sample.timestamp, sample.value, json);
    json.EndArray();
  }

  void WriteHistograms(const std::vector<promql::HistogramPoint>& points) const {
    json.Key("histograms").BeginArray();
    for (const promql::HistogramPoint& p : points) WritePoint(p.timestamp, *p.histogram, json);
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
