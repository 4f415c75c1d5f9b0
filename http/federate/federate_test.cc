#include "http/federate/federate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/model/staleness.h"
#include "base/net/url.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "tests/testing/memory_store.h"

namespace tidemark::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr TimestampMs kNow = 1'600'000'000'000;
constexpr std::string_view kProtobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

class FederateTest : public ::testing::Test {
 protected:
  void Add(const LabelSet& labels, double value, DurationMs age = 0) {
    store_.Add(labels, kNow - age, value);
  }
  Response Ask(std::vector<std::string_view> selectors, std::string_view accept = "") {
    Request request;
    for (const std::string_view selector : selectors)
      request.params.emplace_back("match[]", selector);
    request.headers = {{"Accept", std::string(accept)}};
    return FederateHandler({.store = store_,
                            .clock = clock_,
                            .lookback_delta = kMinute,
                            .external_labels = [this] { return external_; }},
                           metrics_)(request);
  }
  std::string Text(std::vector<std::string_view> selectors, std::string_view accept = "") {
    const Response response = Ask(std::move(selectors), accept);
    EXPECT_EQ(response.status, 200);
    return response.body;
  }

  testing::MemoryStore store_;
  FakeClock clock_{kNow};
  MetricRegistry metrics_;
  LabelSet external_;
};

TEST_F(FederateTest, TheNewestSampleWithinTheLookbackDelta) {
  Add({{"__name__", "up"}, {"job", "a"}}, 2, 30 * kSecond);
  Add({{"__name__", "up"}, {"job", "a"}}, 1);
  Add({{"__name__", "up"}, {"job", "edge"}}, 3, kMinute);
  Add({{"__name__", "up"}, {"job", "old"}}, 4, kMinute + 1);
  Add({{"__name__", "up"}, {"job", "future"}}, 5, -1);
  Add({{"__name__", "up"}, {"job", "gone"}}, 6, kSecond);
  Add({{"__name__", "up"}, {"job", "gone"}}, StaleMarker());
  EXPECT_EQ(Text({"up"}),
            "# TYPE up untyped\n"
            "up{job=\"a\",instance=\"\"} 1 1600000000000\n"
            "up{job=\"edge\",instance=\"\"} 3 1599999940000\n");
}

TEST_F(FederateTest, SelectorsAreAnUnionSortedByName) {
  Add({{"__name__", "b"}, {"A", "1"}, {"x", "2"}}, 1);
  Add({{"__name__", "b"}, {"x", "1"}}, 2);
  Add({{"__name__", "a"}, {"x", "1"}}, 3);
  Add({{"__name__", "c"}}, 4);
  Add({{"x", "1"}}, 5);  // has no name
  EXPECT_EQ(Text({"b", "{x=\"1\"}", "b{x=\"1\"}"}),
            "# TYPE a untyped\n"
            "a{x=\"1\",instance=\"\"} 3 1600000000000\n"
            "# TYPE b untyped\n"
            "b{A=\"1\",x=\"2\",instance=\"\"} 1 1600000000000\n"
            "b{x=\"1\",instance=\"\"} 2 1600000000000\n");
  EXPECT_EQ(Text({}), "");
  EXPECT_EQ(Text({"none"}), "");
}

TEST_F(FederateTest, ExternalLabelsAreAdded) {
  external_ = {{"replica", "r"}, {"zone", "z"}};
  Add({{"__name__", "up"}, {"instance", "i"}, {"zone", "own"}}, 1);
  Add({{"__name__", "up"}, {"zz", "1"}}, 2);
  EXPECT_EQ(Text({"up"}),
            "# TYPE up untyped\n"
            "up{instance=\"i\",zone=\"own\",replica=\"r\"} 1 1600000000000\n"
            "up{zz=\"1\",instance=\"\",replica=\"r\",zone=\"z\"} 2 1600000000000\n");
  external_ = {{"instance", "me"}};
  EXPECT_THAT(Text({"up{zz=\"1\"}"}), HasSubstr("up{zz=\"1\",instance=\"me\"} 2"));
}

TEST_F(FederateTest, ValuesAndLabelsAsText) {
  struct Case {
    double value;
    std::string_view want;
  };
  const Case cases[] = {{1e21, "1e+21"},
                        {123456789, "1.23456789e+08"},
                        {0.1, "0.1"},
                        {1e-7, "1e-07"},
                        {-0.0, "0"},
                        {-1, "-1"},
                        {std::numeric_limits<double>::infinity(), "+Inf"},
                        {-std::numeric_limits<double>::infinity(), "-Inf"},
                        {NormalNan(), "NaN"}};
  for (const Case& c : cases) {
    const LabelSet labels{{"__name__", StrCat("v", c.want.size(), c.want[0] == '-' ? "m" : "")},
                          {"want", c.want}};
    Add(labels, c.value);
    EXPECT_THAT(Text({StrCat("{want=\"", c.want, "\"}")}), HasSubstr(StrCat("} ", c.want, " 16")));
  }
  Add({{"__name__", "quoted"}, {"l", "\"\\\nü"}}, 1);
  EXPECT_THAT(Text({"quoted"}), HasSubstr("quoted{l=\"\\\"\\\\\\nü\",instance=\"\"} 1"));
}

TEST_F(FederateTest, NamesOfUtf8) {
  Add({{"__name__", "my.dots"}, {"a \"b", "c"}}, 1);
  EXPECT_EQ(Text({"{\"my.dots\"}"}),
            "# TYPE my_dots untyped\nmy_dots{a__b=\"c\",instance=\"\"} 1 1600000000000\n");
  EXPECT_EQ(Text({"{\"my.dots\"}"}, "text/plain;escaping=allow-utf-8"),
            "# TYPE \"my.dots\" untyped\n"
            "{\"my.dots\",\"a \\\"b\"=\"c\",instance=\"\"} 1 1600000000000\n");
}

HistogramSample Latency(int32_t schema, std::vector<double> bounds,
                        CounterResetHint hint = CounterResetHint::kUnknown) {
  HistogramLayout layout{schema, bounds.empty() ? 0.5 : 0, {{0, 1}, {1, 1}}, {}, bounds};
  return {hint, std::make_shared<const HistogramLayout>(std::move(layout)), 5, 0, 6.5, {2, 3}, {}};
}

TEST_F(FederateTest, HistogramsOfCustomBucketsAreClassicOnes) {
  store_.AddValue({{"__name__", "h"}, {"k", "v"}}, kNow, Latency(kCustomBucketsSchema, {0.5, 1}));
  store_.AddValue({{"__name__", "e"}}, kNow, Latency(0, {}));
  EXPECT_EQ(Text({"{__name__=~\"h|e\"}"}),
            "# TYPE h histogram\n"
            "h_bucket{k=\"v\",instance=\"\",le=\"0.5\"} 2 1600000000000\n"
            "h_bucket{k=\"v\",instance=\"\",le=\"1\"} 2 1600000000000\n"
            "h_bucket{k=\"v\",instance=\"\",le=\"+Inf\"} 5 1600000000000\n"
            "h_sum{k=\"v\",instance=\"\"} 6.5 1600000000000\n"
            "h_count{k=\"v\",instance=\"\"} 5 1600000000000\n");
}

TEST_F(FederateTest, FamiliesOfOneKindInProtobuf) {
  Add({{"__name__", "m"}, {"k", "1"}}, 0);
  store_.AddValue({{"__name__", "m"}, {"k", "2"}}, kNow, Latency(0, {}));
  store_.AddValue({{"__name__", "m"}, {"k", "3"}}, kNow, Latency(0, {}, CounterResetHint::kGauge));
  const Response response = Ask({"m"}, kProtobuf);
  EXPECT_THAT(response.content_type, StartsWith("application/vnd.google.protobuf; proto="));
  // Of each family the name and the type.
  for (const std::string_view head : {"\n\x01m\x18\x03", "\n\x01m\x18\x04", "\n\x01m\x18\x05"}) {
    EXPECT_THAT(response.body, HasSubstr(head));
  }
  // The value 0 is said.
  EXPECT_THAT(response.body, HasSubstr(std::string("*\x09\x09\0\0\0\0\0\0\0\0\x30", 12)));
  EXPECT_EQ(Text({"m"}), "# TYPE m untyped\nm{k=\"1\",instance=\"\"} 0 1600000000000\n");
}

TEST_F(FederateTest, RefusesWhatIsNoSelector) {
  for (const std::string_view selector : {"up{", "up[5m]", "", "up offset 5m", "1"}) {
    const Response response = Ask({"up", selector});
    EXPECT_EQ(response.status, 400) << selector;
    EXPECT_THAT(response.body, HasSubstr("parse error: ")) << selector;
    EXPECT_TRUE(response.body.ends_with('\n'));
  }
  EXPECT_EQ(metrics_.AddCounter("prometheus_web_federation_errors_total", "").Value(), 0);
}

}  // namespace
}  // namespace tidemark::http
