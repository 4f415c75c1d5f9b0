#include "http/api_v1/json_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

namespace tidemark::http {
namespace {

HistogramPtr Histogram() {
  HistogramLayout layout;
  layout.zero_threshold = 0.25;
  layout.positive_spans = {{0, 3}};
  layout.negative_spans = {{1, 1}};
  FloatHistogramSample h;
  h.layout = std::make_shared<HistogramLayout>(std::move(layout));
  h.count = 10.5;
  h.sum = NAN;
  h.zero_count = 2;
  h.positive_counts = {1, 0, 3};
  h.negative_counts = {4.5};
  return std::make_shared<FloatHistogramSample>(std::move(h));
}

HistogramPtr CustomHistogram() {
  FloatHistogramSample h;
  h.layout = std::make_shared<HistogramLayout>(
      HistogramLayout{kCustomBucketsSchema, 0, {{0, 2}}, {}, {0.5}});
  h.count = 3;
  h.positive_counts = {1, 2};
  return std::make_shared<FloatHistogramSample>(std::move(h));
}

std::string Json(const promql::Value& value) {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  WriteQueryValue(value, json);
  json.EndObject();
  return text;
}

TEST(JsonValueTest, WritesNativeHistograms) {
  const LabelSet a = {{"a", "b"}};
  EXPECT_EQ(Json(promql::InstantVector{{a, 1500, 0, Histogram()}, {{}, 1500, 7}}),
            R"({"resultType":"vector","result":[)"
            R"({"metric":{"a":"b"},"histogram":[1.500,{"count":"10.5","sum":"NaN","buckets":[)"
            R"([1,"-2","-1","4.5"],[3,"-0.25","0.25","2"],[0,"0.5","1","1"],[0,"2","4","3"]]}]},)"
            R"({"metric":{},"value":[1.500,"7"]}]})");
  const auto empty = std::make_shared<FloatHistogramSample>();
  empty->layout = std::make_shared<HistogramLayout>();
  EXPECT_EQ(
      Json(promql::Matrix{{a, {{0, 1}}, {{1000, CustomHistogram()}}}, {{}, {}, {{2000, empty}}}}),
      R"({"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[0,"1"]],)"
      R"("histograms":[[1,{"count":"3","sum":"0","buckets":[)"
      R"([3,"-Inf","0.5","1"],[0,"0.5","+Inf","2"]]}]]},)"
      R"({"metric":{},"histograms":[[2,{"count":"0","sum":"0"}]]}]})");
}

}  // namespace
}  // namespace tidemark::http
