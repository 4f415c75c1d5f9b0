#include "http/otlp/otlp_receiver.h"

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/compression.h"
#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::http {
namespace {

using testing::BytesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::VarintField;

constexpr std::string_view kJson = "application/json", kProtobuf = "application/x-protobuf";

// A request of one resource and one scope. `resource` are attributes, `metrics` metrics, as JSON.
std::string JsonRequest(std::string_view resource, std::string_view metrics) {
  return StrCat(R"({"resourceMetrics":[{"resource":{"attributes":[)", resource,
                R"(]},"scopeMetrics":[{"scope":{"name":"lib","version":"2"},"metrics":[)", metrics,
                R"(]}]}]})");
}
std::string Attribute(std::string_view key, std::string_view value) {
  return StrCat(R"({"key":")", key, R"(","value":{"stringValue":")", value, R"("}})");
}
// A sum with one point at each of these seconds.
std::string Sum(std::string_view name, int temporality,
                std::initializer_list<std::pair<int, int>> points) {
  std::string text;
  for (const auto& [time, value] : points) {
    text += StrCat(text.empty() ? "" : ",", R"({"timeUnixNano":")", time, R"(000000000","asInt":")",
                   value, R"("})");
  }
  return StrCat(R"({"name":")", name, R"(","sum":{"isMonotonic":true,"aggregationTemporality":)",
                temporality, R"(,"dataPoints":[)", text, "]}}");
}

class OtlpReceiverTest : public ::testing::Test {
 protected:
  Response Post(std::string body, std::string_view type = kJson, std::string_view coding = "") {
    if (!handler_) handler_ = OtlpHandler(context_, store_, metrics_);
    Request request;
    request.method = "POST";
    request.headers = {{"Content-Type", std::string(type)}};
    if (!coding.empty()) request.headers.emplace_back("Content-Encoding", coding);
    request.body = std::move(body);
    return handler_(request);
  }
  std::vector<std::pair<TimestampMs, double>> Stored(const LabelSet& labels) {
    std::vector<std::pair<TimestampMs, double>> samples;
    for (const Sample& sample : store_.Samples(labels)) {
      samples.emplace_back(sample.timestamp, sample.value);
    }
    return samples;
  }

  testing::MemoryStore store_;
  MetricRegistry metrics_;
  FakeClock clock_{0};
  OtlpOptions options_;
  LabelSet external_labels_;
  OtlpContext context_{.enabled = true,
                       .options = [this] { return options_; },
                       .external_labels = [this] { return external_labels_; },
                       .clock = clock_};
  Handler handler_;
};

TEST_F(OtlpReceiverTest, LabelsOfResourceAndPoint) {
  external_labels_ = {{"region", "eu"}, {"mode", "outer"}};
  options_.promoted_attributes = {"host.name"};
  options_.promote_scope = true;
  const std::string resource =
      StrCat(Attribute("service.name", "shop"), ",", Attribute("service.namespace", "prod"), ",",
             Attribute("service.instance.id", "i-1"), ",", Attribute("host.name", "h"));
  const std::string point = StrCat(R"({"timeUnixNano":"5000999999","asDouble":1.5,"attributes":[)",
                                   Attribute("mode", "inner"), ",", Attribute("a.b", "1"), ",",
                                   Attribute("a_b", "2"), "]}");
  const Response response = Post(JsonRequest(
      resource,
      StrCat(R"({"name":"queue.size","unit":"By","gauge":{"dataPoints":[)", point, "]}}")));
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.body, "{}");
  const LabelSet series = {{"__name__", "queue_size_bytes"},
                           {"a_b", "1;2"},
                           {"host_name", "h"},
                           {"instance", "i-1"},
                           {"job", "prod/shop"},
                           {"mode", "inner"},
                           {"otel_scope_name", "lib"},
                           {"otel_scope_version", "2"},
                           {"region", "eu"}};
  EXPECT_THAT(Stored(series), ElementsAre(std::pair(5000, 1.5)));
  const LabelSet info = {{"__name__", "target_info"}, {"host_name", "h"}, {"instance", "i-1"},
                         {"job", "prod/shop"},        {"mode", "outer"},  {"region", "eu"}};
  EXPECT_THAT(Stored(info), ElementsAre(std::pair(5000, 1.0)));
  EXPECT_EQ(store_.SeriesLabels().size(), 2u);
}

// Every half of the lookback, and at the newest point; none where nothing is to be told.
TEST_F(OtlpReceiverTest, TargetInfoCoversThePoints) {
  const std::string metric = Sum("a", 2, {{100, 1}, {450, 2}});
  const std::string job = Attribute("service.name", "shop");
  EXPECT_EQ(Post(JsonRequest(StrCat(job, ",", Attribute("os", "linux")), metric)).status, 200);
  const LabelSet info = {{"__name__", "target_info"}, {"job", "shop"}, {"os", "linux"}};
  EXPECT_THAT(Stored(info), ElementsAre(std::pair(100'000, 1.0), std::pair(250'000, 1.0),
                                        std::pair(400'000, 1.0), std::pair(450'000, 1.0)));
  const size_t before = store_.SeriesLabels().size();
  EXPECT_EQ(Post(JsonRequest(job, Sum("b", 2, {{1, 1}}))).status, 200);
  EXPECT_EQ(Post(JsonRequest(Attribute("os", "linux"), Sum("c", 2, {{1, 1}}))).status, 200);
  EXPECT_EQ(store_.SeriesLabels().size(), before + 2);
  // Points of all times do not make a sample for every minute since.
  EXPECT_EQ(Post(JsonRequest(StrCat(job, ",", Attribute("os", "old")),
                             Sum("d", 2, {{0, 1}, {1'700'000'000, 2}})))
                .status,
            200);
  EXPECT_LE(Stored({{"__name__", "target_info"}, {"job", "shop"}, {"os", "old"}}).size(), 1001u);
}

TEST_F(OtlpReceiverTest, Histograms) {
  const std::string metrics =
      R"({"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1000000000",)"
      R"("count":"6","sum":12.5,"bucketCounts":["1","2","3"],"explicitBounds":[0.5,1e21]}]}},)"
      R"({"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{)"
      R"("timeUnixNano":"1000000000","count":"9","sum":4,"scale":1,"zeroCount":"2",)"
      R"("positive":{"offset":-2,"bucketCounts":["0","3","0","0","0","4"]}}]}},)"
      R"({"name":"s","summary":{"dataPoints":[{"timeUnixNano":"1000000000","count":"3","sum":1.5,)"
      R"("quantileValues":[{"quantile":0.99,"value":7}],"flags":1}]}})";
  const Response response = Post(JsonRequest("", metrics));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(Stored({{"__name__", "h_bucket"}, {"le", "0.5"}}), ElementsAre(std::pair(1000, 1.0)));
  EXPECT_THAT(Stored({{"__name__", "h_bucket"}, {"le", "1000000000000000000000"}}),
              ElementsAre(std::pair(1000, 3.0)));
  EXPECT_THAT(Stored({{"__name__", "h_bucket"}, {"le", "+Inf"}}),
              ElementsAre(std::pair(1000, 6.0)));
  EXPECT_THAT(Stored({{"__name__", "h_sum"}}), ElementsAre(std::pair(1000, 12.5)));
  EXPECT_THAT(Stored({{"__name__", "h_count"}}), ElementsAre(std::pair(1000, 6.0)));
  const HistogramColumns found = store_.Histograms({{"__name__", "e"}});
  ASSERT_EQ(found.size(), 1u);
  const HistogramSample histogram = ToIntegerHistogram(found[0]);
  EXPECT_EQ(histogram.count, 9u);
  EXPECT_EQ(histogram.zero_count, 2u);
  EXPECT_EQ(histogram.layout->zero_threshold, 1e-128);
  EXPECT_THAT(histogram.layout->positive_spans, ElementsAre(BucketSpan{0, 1}, BucketSpan{3, 1}));
  EXPECT_THAT(histogram.positive_counts, ElementsAre(3, 4));
  const std::vector<Sample> stale = store_.Samples({{"__name__", "s"}, {"quantile", "0.99"}});
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_TRUE(IsStaleMarker(stale[0].value));

  options_.histograms_to_nhcb = true;
  ASSERT_EQ(Post(JsonRequest("", metrics.substr(0, metrics.find(",{\"name\":\"e\"")))).status, 200);
  const HistogramColumns custom = store_.Histograms({{"__name__", "h"}});
  ASSERT_EQ(custom.size(), 1u);
  EXPECT_THAT(ToIntegerHistogram(custom[0]).layout->custom_values, ElementsAre(0.5, 1e21));
}

TEST_F(OtlpReceiverTest, DifferencesAreRefusedAddedUpOrStored) {
  const std::string first = JsonRequest("", Sum("a", 1, {{10, 5}, {20, 3}}));
  const std::string second = JsonRequest("", Sum("a", 1, {{20, 9}, {30, 2}}));
  const LabelSet series = {{"__name__", "a_total"}};
  Response response = Post(first);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("invalid temporality and type combination for metric"));
  EXPECT_TRUE(store_.SeriesLabels().empty());

  handler_ = nullptr;
  context_.deltas = OtlpDeltas::kAccumulate;
  EXPECT_EQ(Post(first).body, "{}");
  // A request that is not stored does not count.
  store_.FailCommits(absl::UnavailableError("no"));
  EXPECT_EQ(Post(second).status, 500);
  store_.FailCommits(absl::OkStatus());
  response = Post(second);
  EXPECT_THAT(response.body, HasSubstr("is not newer than the one before"));
  EXPECT_THAT(Stored(series),
              ElementsAre(std::pair(10'000, 5.0), std::pair(20'000, 8.0), std::pair(30'000, 10.0)));
  // What was silent for long begins anew.
  clock_.Advance(10 * kMinute);
  EXPECT_EQ(Post(JsonRequest("", Sum("a", 1, {{900, 4}}))).body, "{}");
  EXPECT_EQ(Stored(series).back().second, 4.0);

  handler_ = nullptr;
  context_.deltas = OtlpDeltas::kStore;
  EXPECT_EQ(Post(JsonRequest("", Sum("b", 1, {{10, 5}, {20, 3}}))).body, "{}");
  EXPECT_THAT(Stored({{"__name__", "b_total"}}),
              ElementsAre(std::pair(10'000, 5.0), std::pair(20'000, 3.0)));
}

TEST_F(OtlpReceiverTest, RefusesWhatIsNoRequest) {
  struct Case {
    std::string body;
    std::string_view type, coding;
    int status;
    std::string_view error;
  };
  std::string bomb, nested = "{}";
  GzipCompress(std::string(40 << 20, ' '), &bomb);
  std::string value = BytesField(1, "x");
  for (int i = 0; i < 40; ++i) value = BytesField(5, BytesField(1, value));
  const std::string deep =
      BytesField(1, BytesField(1, BytesField(1, BytesField(1, "k") + BytesField(2, value))));
  const auto in_protobuf = [](std::string_view point) {
    return BytesField(
        1, BytesField(2, BytesField(2, BytesField(1, "h") + BytesField(9, BytesField(1, point) +
                                                                              VarintField(2, 2)))));
  };
  for (const Case& c : std::initializer_list<Case>{
           {"{", kJson, "", 400, "bad OTLP metrics request"},
           {"[]", kJson, "", 400, "not a JSON object"},
           {JsonRequest("", R"({"name":"a","gauge":{"dataPoints":[{"timeUnixNano":"x"}]}})"), kJson,
            "", 400, "timeUnixNano is no whole number in range: x"},
           {JsonRequest("", R"({"name":"a","gauge":{"dataPoints":[{"asDouble":"x"}]}})"), kJson, "",
            400, "asDouble is no number: x"},
           {"\x0a\x05", kProtobuf, "", 400, "bad OTLP metrics request"},
           {deep, kProtobuf, "", 400, "nested too deeply"},
           {in_protobuf(BytesField(6, "1234567")), kProtobuf, "", 400, "cut off"},
           {in_protobuf(BytesField(6, std::string(8 << 17, 'x'))), kProtobuf, "", 400,
            "too many buckets"},
           {"{}", "text/plain", "", 415, "unsupported content type: text/plain"},
           {"{}", kJson, "zstd", 415, "unsupported compression: zstd"},
           {"{}", kJson, "gzip", 400, ""},
           {bomb, kJson, "gzip", 413, ""},
           {bomb, kProtobuf, "gzip", 413, ""},
       }) {
    const Response response = Post(c.body, c.type, c.coding);
    EXPECT_EQ(response.status, c.status) << response.body;
    EXPECT_THAT(response.body, HasSubstr(c.error));
  }
  EXPECT_TRUE(store_.SeriesLabels().empty());
}

// A part that cannot be stored is told in the encoding of the request, the rest is stored.
TEST_F(OtlpReceiverTest, TellsWhatWasLeftOut) {
  const auto gauge = [](std::string_view name) {
    return BytesField(
        2, BytesField(1, name) + BytesField(5, BytesField(1, testing::DoubleField(4, 2))));
  };
  const std::string message = BytesField(1, BytesField(2, gauge("\xff\xfe") + gauge("good")));
  const Response response = Post(message, kProtobuf);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, kProtobuf);
  EXPECT_EQ(response.body,
            BytesField(1, VarintField(1, 1) +
                              BytesField(2, "no name is left of that of metric \"\xff\xfe\"")));
  EXPECT_THAT(Stored({{"__name__", "good"}}), ElementsAre(std::pair(0, 2.0)));

  const std::string bad_scale =
      R"({"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"scale":-5}]}})";
  EXPECT_THAT(Post(JsonRequest("", bad_scale)).body, HasSubstr("Scale must be >= -4, was -5"));
}

TEST_F(OtlpReceiverTest, RefusedSamplesRefuseAll) {
  EXPECT_EQ(Post(JsonRequest("", Sum("a", 2, {{10, 1}}))).status, 200);
  const Response response =
      Post(JsonRequest("", StrCat(Sum("b", 2, {{10, 1}}), ",", Sum("a", 2, {{10, 2}}))));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("duplicate sample for timestamp"));
  EXPECT_TRUE(Stored({{"__name__", "b_total"}}).empty());
  handler_ = nullptr;
  context_.enabled = false;
  EXPECT_EQ(Post("{}").status, 404);
}

}  // namespace
}  // namespace tidemark::http
