#include "http/remote/remote_write.h"

#include <bit>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/compression.h"
#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/strings.h"
#include "http/remote/write_request.h"
#include "tests/testing/memory_store.h"

namespace tidemark::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// --- the message, field by field

std::string BytesField(int field, std::string_view bytes) {
  std::string out;
  AppendVarint(static_cast<uint64_t>(field) << 3 | 2, &out);
  AppendLengthPrefixed(bytes, &out);
  return out;
}
std::string VarintField(int field, uint64_t value) {
  std::string out;
  AppendVarint(static_cast<uint64_t>(field) << 3, &out);
  AppendVarint(value, &out);
  return out;
}
std::string DoubleField(int field, double value) {
  std::string out;
  AppendVarint(static_cast<uint64_t>(field) << 3 | 1, &out);
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
  return out;
}
std::string LabelField(std::string_view name, std::string_view value) {
  return BytesField(1, BytesField(1, name) + BytesField(2, value));
}
std::string SampleField(TimestampMs t, double v) {
  return BytesField(2, DoubleField(1, v) + VarintField(2, static_cast<uint64_t>(t)));
}
std::string SeriesField(std::string_view fields) { return BytesField(1, fields); }
std::string Up(std::string_view job) {
  return LabelField("__name__", "up") + LabelField("job", job);
}

class RemoteWriteTest : public ::testing::Test {
 protected:
  static Request MakeRequest(std::string body) {
    Request request;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/x-protobuf"}, {"Content-Encoding", "snappy"}};
    request.body = std::move(body);
    return request;
  }
  Response Write(std::string_view message) {
    std::string body;
    SnappyCompress(message, &body);
    return handler_(MakeRequest(std::move(body)));
  }
  size_t NumSamples(const LabelSet& labels) { return store_.Samples(labels).size(); }
  double InvalidSamples() {
    return metrics_.AddCounter("prometheus_api_remote_write_invalid_labels_samples_total", "")
        .Value();
  }

  testing::MemoryStore store_;
  MetricRegistry metrics_;
  Handler handler_ = RemoteWriteHandler(true, store_, metrics_);
  const LabelSet up_a_{{"__name__", "up"}, {"job", "a"}};
};

TEST_F(RemoteWriteTest, StoresSamples) {
  for (TimestampMs t = 1000; t <= 3000;
       t += 1000) {  // the second request finds what the first made
    const Response response =
        Write(SeriesField(Up("a") + SampleField(t, 1.5) + SampleField(t + 1, -0.0)) +
              SeriesField(Up("b") + SampleField(t, 2)));
    ASSERT_EQ(response.status, 204) << response.body;
    EXPECT_EQ(response.body, "");
  }
  const std::vector<Sample> samples = store_.Samples(up_a_);
  ASSERT_EQ(samples.size(), 6);
  EXPECT_EQ(samples[0].timestamp, 1000);
  EXPECT_EQ(samples[0].value, 1.5);
  EXPECT_TRUE(SameBits(samples[1].value, -0.0));
  EXPECT_EQ(NumSamples({{"__name__", "up"}, {"job", "b"}}), 3);
  EXPECT_EQ(store_.SeriesLabels().size(), 2);
}

TEST_F(RemoteWriteTest, TimesBefore1970AndFieldsNobodyKnows) {
  const std::string message = VarintField(9, 7) +
                              SeriesField(SampleField(-5, 1) + Up("a") + BytesField(9, "new")) +
                              BytesField(3, "metadata");
  EXPECT_EQ(Write(message).status, 204);
  ASSERT_EQ(NumSamples(up_a_), 1);
  EXPECT_EQ(store_.Samples(up_a_)[0].timestamp, -5);
}

TEST_F(RemoteWriteTest, LabelsInAnyOrderAreOneSeries) {
  const std::string name = LabelField("__name__", "up"), job = LabelField("job", "a");
  EXPECT_EQ(Write(SeriesField(name + job + SampleField(1, 1))).status, 204);
  EXPECT_EQ(Write(SeriesField(job + name + SampleField(2, 1))).status, 204);
  EXPECT_EQ(Write(SeriesField(name + SampleField(3, 1) + job)).status, 204);
  EXPECT_EQ(Write(SeriesField(name + job + LabelField("empty", "") + SampleField(4, 1))).status,
            204);
  EXPECT_EQ(NumSamples(up_a_), 4);
}

TEST_F(RemoteWriteTest, LeavesOutSeriesWithBadLabels) {
  const std::string sample = SampleField(1, 1);
  const std::string bad[] = {
      LabelField("job", "a"),                             // no metric name
      LabelField("__name__", "") + LabelField("a", "b"),  // an empty one
      Up("a") + LabelField("job", "b"),                   // a name twice
      Up("a") + LabelField("x", "") + LabelField("x", "y"),
      Up("a") + LabelField("", "x"),
      Up("a") + LabelField("x\xff", "y"),
      Up("a") + LabelField("x", "\xc0\x80"),
      "",
  };
  std::string message;
  for (const std::string& labels : bad) message += SeriesField(labels + sample);
  EXPECT_EQ(Write(message + SeriesField(Up("a") + sample)).status, 204);
  EXPECT_EQ(store_.SeriesLabels().size(), 1);
  EXPECT_EQ(NumSamples(up_a_), 1);
  EXPECT_EQ(InvalidSamples(), std::size(bad));
}

TEST_F(RemoteWriteTest, StoresNothingWhereASampleIsRejected) {
  ASSERT_EQ(Write(SeriesField(Up("a") + SampleField(10, 1))).status, 204);
  struct Case {
    std::string_view name;
    std::string fields, want;
  };
  const Case kCases[] = {
      {"older", SampleField(11, 1) + SampleField(5, 1), "out of order sample"},
      {"another value", SampleField(10, 2), "duplicate sample for timestamp"},
  };
  for (const Case& c : kCases) {
    const Response response =
        Write(SeriesField(Up("b") + SampleField(99, 1)) + SeriesField(Up("a") + c.fields));
    EXPECT_EQ(response.status, 400) << c.name;
    EXPECT_EQ(response.body, c.want + "\n") << c.name;
    EXPECT_EQ(NumSamples({{"__name__", "up"}, {"job", "b"}}), 0) << c.name;
    EXPECT_EQ(NumSamples(up_a_), 1) << c.name;
  }
  EXPECT_EQ(Write(SeriesField(Up("a") + SampleField(10, 1))).status, 204) << "the same again";
}

TEST_F(RemoteWriteTest, RefusesDamagedBodies) {
  const std::string message = SeriesField(Up("a") + SampleField(1, 1));
  std::string snappy;
  SnappyCompress(message, &snappy);
  std::string bomb;
  SnappyCompress(std::string((32 << 20) + 1, '\0'), &bomb);
  std::string claims_much;
  AppendVarint(0xffffffff, &claims_much);

  struct Case {
    std::string_view name;
    std::string body;
    int status;
    std::string want;
  };
  const auto compressed = [](std::string_view text) {
    std::string body;
    SnappyCompress(text, &body);
    return body;
  };
  const Case kCases[] = {
      {"nothing", "", 400, "snappy: corrupt input"},
      {"not snappy", "x", 400, "snappy: corrupt input"},
      {"truncated snappy", snappy.substr(0, snappy.size() - 1), 400, "snappy: corrupt input"},
      {"snappy bomb", bomb, 413, "larger than 33554432 bytes"},
      {"claims a length", claims_much, 413, "larger than 33554432 bytes"},
      {"truncated protobuf", compressed(message.substr(0, message.size() - 1)), 400,
       "bad prometheus.WriteRequest: end of buffer"},
      {"series is a number", compressed(VarintField(1, 1)), 400, "unknown pbf field type"},
      {"label is a number", compressed(SeriesField(VarintField(1, 1))), 400,
       "unknown pbf field type"},
      {"name is a number", compressed(SeriesField(BytesField(1, VarintField(1, 1)))), 400,
       "unknown pbf field type"},
      {"value is a number", compressed(SeriesField(Up("a") + BytesField(2, VarintField(1, 1)))),
       400, "unknown pbf field type"},
      {"label is cut off", compressed(SeriesField(BytesField(1, "\x0a\x7fx"))), 400,
       "end of buffer"},
      {"text", compressed("hello world"), 400, "bad prometheus.WriteRequest"},
  };
  for (const Case& c : kCases) {
    const Response response = handler_(MakeRequest(c.body));
    EXPECT_EQ(response.status, c.status) << c.name;
    EXPECT_THAT(response.body, HasSubstr(c.want)) << c.name;
  }
  EXPECT_TRUE(store_.Samples(up_a_).empty());
}

TEST_F(RemoteWriteTest, TakesOneProtocol) {
  struct Case {
    std::string_view name, type, encoding;
    int status;
    std::string_view want;
  };
  constexpr Case kCases[] = {
      {"as senders do", "application/x-protobuf", "snappy", 204, ""},
      {"named", "application/x-protobuf; proto=prometheus.WriteRequest", "snappy", 204, ""},
      {"nothing said", "", "", 204, ""},
      {"version 2", "application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", 415,
       "this server only accepts prometheus.WriteRequest"},
      {"JSON", "application/json", "snappy", 415,
       "expected application/x-protobuf as the first (media) part, got application/json"},
      {"gzip", "application/x-protobuf", "gzip", 415,
       "gzip encoding (compression) is not accepted by this server; only snappy is acceptable"},
  };
  std::string body;
  SnappyCompress(SeriesField(Up("a") + SampleField(1, 1)), &body);
  for (const Case& c : kCases) {
    Request request = MakeRequest(body);
    request.headers.clear();
    if (!c.type.empty()) request.headers.emplace_back("Content-Type", c.type);
    if (!c.encoding.empty()) request.headers.emplace_back("Content-Encoding", c.encoding);
    const Response response = handler_(request);
    EXPECT_EQ(response.status, c.status) << c.name;
    EXPECT_THAT(response.body, HasSubstr(std::string(c.want))) << c.name;
  }
}

// One step for each pair of labels would take minutes.
TEST_F(RemoteWriteTest, ManyLabelsInTheWorstOrder) {
  std::string labels = LabelField("__name__", "up");
  for (int i = 999'999; i >= 500'000; --i) labels += LabelField(StrCat("l", i), "x");
  EXPECT_EQ(Write(SeriesField(labels + SampleField(1, 1))).status, 204);
  ASSERT_EQ(store_.SeriesLabels().size(), 1);
  EXPECT_EQ(store_.SeriesLabels()[0].size(), 500'001);
}

TEST_F(RemoteWriteTest, IsOffUnlessEnabled) {
  const Response response = RemoteWriteHandler(false, store_, metrics_)(MakeRequest("x"));
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("--web.enable-remote-write-receiver"));
}

TEST_F(RemoteWriteTest, AsksToTryAgainWhereTheStoreFails) {
  store_.FailCommits(absl::UnavailableError("journal: disk full"));
  const Response response = Write(SeriesField(Up("a") + SampleField(1, 1)));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "journal: disk full\n");
}

TEST_F(RemoteWriteTest, SeriesWithoutSamplesAreNotMade) {
  EXPECT_EQ(Write(SeriesField(Up("a") + BytesField(4, "histogram"))).status, 204);
  EXPECT_EQ(store_.NewAppender()->Find(SeededHash128(Up("a"))), kNoSeries);
}

TEST_F(RemoteWriteTest, HugeLabelsAndUnstoredKinds) {
  const std::string value(5 << 20, 'v');
  EXPECT_EQ(Write(SeriesField(Up(value) + SampleField(1, 1) + BytesField(3, "exemplar") +
                              BytesField(4, "histogram") + BytesField(4, "histogram")))
                .status,
            204);
  EXPECT_EQ(NumSamples({{"__name__", "up"}, {"job", value}}), 1);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("tidemark_api_remote_write_unsupported_total{type=\"histogram\"} 2"));
}

}  // namespace
}  // namespace tidemark::http
