#include "http/remote/remote_write.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/compression.h"
#include "base/io/hash.h"
#include "base/io/varint.h"
#include "base/strings.h"
#include "http/remote/write_request.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::http {
namespace {

using testing::BytesField;
using testing::DoubleField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PackedSigned;
using testing::SignedField;
using ::testing::StartsWith;
using testing::VarintField;

// --- the message, field by field

std::string LabelField(std::string_view name, std::string_view value) {
  return BytesField(1, BytesField(1, name) + BytesField(2, value));
}
std::string SampleField(TimestampMs t, double v) {
  return BytesField(2, DoubleField(1, v) + VarintField(2, static_cast<uint64_t>(t)));
}
// Two observations up to 1, `count` said to be all.
std::string HistogramField(TimestampMs t, uint64_t count = 2) {
  return BytesField(4, VarintField(1, count) + DoubleField(3, 1.5) +
                           BytesField(11, SignedField(1, 0) + VarintField(2, 1)) +
                           PackedSigned(12, {2}) + VarintField(15, static_cast<uint64_t>(t)));
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
  Handler handler_ = RemoteWriteHandler({}, store_, metrics_);
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

// One step for each pair of labels would take minutes.
TEST_F(RemoteWriteTest, ManyLabelsInTheWorstOrder) {
  std::string labels = LabelField("__name__", "up");
  for (int i = 999'999; i >= 500'000; --i) labels += LabelField(StrCat("l", i), "x");
  EXPECT_EQ(Write(SeriesField(labels + SampleField(1, 1))).status, 204);
  ASSERT_EQ(store_.SeriesLabels().size(), 1);
  EXPECT_EQ(store_.SeriesLabels()[0].size(), 500'001);
}

TEST_F(RemoteWriteTest, IsOffUnlessEnabled) {
  const Response response =
      RemoteWriteHandler({.enabled = false}, store_, metrics_)(MakeRequest("x"));
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("--web.enable-remote-write-receiver"));
}

TEST_F(RemoteWriteTest, AsksToTryAgainWhereTheStoreFails) {
  store_.FailCommits(absl::UnavailableError("journal: disk full"));
  const Response response = Write(SeriesField(Up("a") + SampleField(1, 1)));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "journal: disk full\n");
}

std::string ExemplarField(std::string_view trace, TimestampMs time) {
  return BytesField(3, LabelField("trace", trace) + DoubleField(2, 0.5) +
                           VarintField(3, static_cast<uint64_t>(time)));
}

TEST_F(RemoteWriteTest, SeriesWithoutSamplesAreNotMade) {
  EXPECT_EQ(Write(SeriesField(Up("a") + ExemplarField("x", 1))).status, 204);
  EXPECT_EQ(store_.NewAppender()->Find(SeededHash128(Up("a"))), kNoSeries);
  EXPECT_THAT(store_.Exemplars(), ElementsAre());
}

TEST_F(RemoteWriteTest, StoresExemplars) {
  EXPECT_EQ(
      Write(SeriesField(Up("a") + SampleField(1, 1) + ExemplarField("x", 1) + ExemplarField("", 2)))
          .status,
      204);
  EXPECT_EQ(Write(SeriesField(Up("a") + ExemplarField("y", 3))).status, 204) << "by itself";
  EXPECT_EQ(Write(SeriesField(Up("a") + ExemplarField("z", 2))).status, 204) << "out of order";
  const auto stored = store_.Exemplars();
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_EQ(stored[0].first, up_a_);
  EXPECT_EQ(stored[0].second.labels, LabelSet({{"trace", "x"}}));
  EXPECT_EQ(stored[0].second.timestamp, 1);
  EXPECT_EQ(stored[0].second.value, 0.5);
  EXPECT_TRUE(stored[1].second.labels.empty());
  EXPECT_EQ(stored[2].second.timestamp, 3);
  EXPECT_EQ(Write(SeriesField(Up("a") + BytesField(3, "damaged"))).status, 400);
}

TEST_F(RemoteWriteTest, StoresHistograms) {
  const std::string message = SeriesField(HistogramField(5) + Up("a") + HistogramField(7)) +
                              SeriesField(Up("b") + SampleField(5, 1) + HistogramField(6));
  const Response response = Write(message);
  ASSERT_EQ(response.status, 204) << response.body;
  const HistogramColumns histograms = store_.Histograms(up_a_);
  ASSERT_EQ(histograms.size(), 2);
  EXPECT_THAT(histograms.timestamps(), ElementsAre(5, 7));
  EXPECT_THAT(histograms[1].positive_counts, ElementsAre(2));
  EXPECT_EQ(histograms[1].sum, 1.5);
  EXPECT_EQ(store_.Histograms({{"__name__", "up"}, {"job", "b"}}).size(), 1);
  EXPECT_EQ(Write(message).status, 204) << "the same again";
}

TEST_F(RemoteWriteTest, StoresNothingWhereAHistogramIsRefused) {
  struct Case {
    std::string_view name;
    std::string histogram, want;
  };
  const Case kCases[] = {
      {"count of all is too small", HistogramField(6, 1),
       "2 observations found in buckets, but the Count field is 1: histogram's observation count "
       "should equal the number of observations found in the buckets (in absence of NaN)"},
      {"negative count", BytesField(4, PackedSigned(12, {-1})),
       "positive side: bucket number 1 has observation count of -1: histogram has a bucket whose "
       "observation count is negative"},
      {"more buckets than spans", BytesField(4, VarintField(1, 1) + PackedSigned(12, {1})),
       "positive side: spans need 0 buckets, have 1 buckets: histogram spans specify different "
       "number of buckets than provided"},
      {"damaged", BytesField(4, "x"), "bad histogram: end of buffer exception"},
  };
  for (const Case& c : kCases) {
    const Response response = Write(SeriesField(Up("b") + SampleField(1, 1) + HistogramField(2)) +
                                    SeriesField(Up("a") + c.histogram));
    EXPECT_EQ(response.status, 400) << c.name;
    EXPECT_EQ(response.body, c.want + "\n") << c.name;
    EXPECT_THAT(store_.SeriesLabels(), ElementsAre()) << c.name;
  }
  // Of a series that no store takes, nobody looks at the values.
  EXPECT_EQ(Write(SeriesField(LabelField("job", "a") + HistogramField(6, 1))).status, 204);
  EXPECT_EQ(InvalidSamples(), 1);
}

TEST_F(RemoteWriteTest, HugeLabelsAndUnstoredKinds) {
  const std::string value(5 << 20, 'v');
  EXPECT_EQ(Write(SeriesField(Up(value) + SampleField(1, 1)) + BytesField(3, "metadata")).status,
            204);
  EXPECT_EQ(NumSamples({{"__name__", "up"}, {"job", value}}), 1);
  EXPECT_EQ(Write(BytesField(3, "metadata")).status, 204);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("tidemark_api_remote_write_unsupported_total{type=\"metadata\"} 2"));
}

}  // namespace
}  // namespace tidemark::http
