#include "http/remote/receive_v2.h"

#include "absl/container/flat_hash_map.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/compression.h"
#include "base/strings.h"
#include "http/remote/remote_write.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::http {
namespace {

using testing::BytesField;
using testing::DoubleField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PackedSigned;
using testing::PackedVarints;
using testing::SignedField;
using testing::VarintField;

std::string SampleField(TimestampMs t, double v) {
  return BytesField(2, DoubleField(1, v) + VarintField(2, static_cast<uint64_t>(t)));
}
// Two observations up to 1, `count` said to be all.
std::string HistogramField(TimestampMs t, uint64_t count = 2) {
  return BytesField(3, VarintField(1, count) + DoubleField(3, 1.5) +
                           BytesField(11, SignedField(1, 0) + VarintField(2, 1)) +
                           PackedSigned(12, {2}) + VarintField(15, static_cast<uint64_t>(t)) +
                           VarintField(17, 1));
}

// Writes requests whose symbols are "", "__name__", "up", "job", "a", "b" and a text that is not
// UTF-8.
class ReceiveV2Test : public ::testing::Test {
 protected:
  static std::string Symbols() {
    std::string symbols;
    for (const std::string_view symbol : {"", "__name__", "up", "job", "a", "b", "\xff"}) {
      symbols += BytesField(4, symbol);
    }
    return symbols;
  }
  static std::string UpA() { return PackedVarints(1, {1, 2, 3, 4}); }
  static std::string UpB() { return PackedVarints(1, {1, 2, 3, 5}); }
  static std::string Series(std::string_view fields) { return BytesField(5, fields); }

  Response WriteMessageBytes(std::string_view message) {
    Request request;
    request.headers = {
        {"Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"},
        {"Content-Encoding", "snappy"}};
    SnappyCompress(message, &request.body);
    return handler_(request);
  }
  Response Write(std::string_view series) {
    return WriteMessageBytes(Symbols() + std::string(series));
  }
  static std::string Written(const Response& response) {
    absl::flat_hash_map<std::string, std::string> headers(response.headers.begin(),
                                                          response.headers.end());
    return StrCat(headers["X-Prometheus-Remote-Write-Samples-Written"], " ",
                  headers["X-Prometheus-Remote-Write-Histograms-Written"], " ",
                  headers["X-Prometheus-Remote-Write-Exemplars-Written"]);
  }
  size_t NumStored(const LabelSet& labels) {
    return store_.Samples(labels).size() + store_.Histograms(labels).size();
  }

  testing::MemoryStore store_;
  MetricRegistry metrics_;
  Handler handler_ = RemoteWriteHandler({}, store_, metrics_);
  const LabelSet up_a_{{"__name__", "up"}, {"job", "a"}};
  const LabelSet up_b_{{"__name__", "up"}, {"job", "b"}};
};

TEST_F(ReceiveV2Test, StoresSamplesAndHistograms) {
  for (TimestampMs t = 1000; t <= 3000; t += 1000) {
    const Response response = Write(
        Series(UpA() + SampleField(t, 1.5) + SampleField(t + 1, -0.0) + HistogramField(t + 2)) +
        Series(HistogramField(t) + UpB()));
    ASSERT_EQ(response.status, 204) << response.body;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(Written(response), "2 2 0");
  }
  const std::vector<Sample> samples = store_.Samples(up_a_);
  ASSERT_EQ(samples.size(), 6);
  EXPECT_EQ(samples[0].timestamp, 1000);
  EXPECT_EQ(samples[0].value, 1.5);
  EXPECT_TRUE(SameBits(samples[1].value, -0.0));
  EXPECT_EQ(store_.Histograms(up_a_).size(), 3);
  const HistogramColumns histograms = store_.Histograms(up_b_);
  ASSERT_EQ(histograms.size(), 3);
  EXPECT_THAT(histograms[0].positive_counts, ElementsAre(2));
  EXPECT_EQ(store_.SeriesLabels().size(), 2);
}

TEST_F(ReceiveV2Test, SymbolsMayStandAnywhereAndInAnyOrder) {
  EXPECT_EQ(WriteMessageBytes(Series(UpA() + SampleField(1, 1)) + Symbols()).status, 204);
  const std::string other_table = BytesField(4, "a") + BytesField(4, "job") + BytesField(4, "up") +
                                  BytesField(4, "__name__") + VarintField(9, 1);
  EXPECT_EQ(WriteMessageBytes(other_table + Series(PackedVarints(1, {1, 0}) + SampleField(2, 1) +
                                                   PackedVarints(1, {3, 2}) + BytesField(9, "new")))
                .status,
            204);
  EXPECT_EQ(Write(Series(VarintField(1, 3) + VarintField(1, 4) + PackedVarints(1, {1, 2}) +
                         SampleField(3, 1)))
                .status,
            204);
  EXPECT_EQ(NumStored(up_a_), 3);
  EXPECT_EQ(store_.SeriesLabels().size(), 1);
}

// The same references name another series where the table is another.
TEST_F(ReceiveV2Test, SeriesAreTheirStringsNotTheirReferences) {
  EXPECT_EQ(Write(Series(UpA() + SampleField(1, 1))).status, 204);
  std::string table = BytesField(4, "");
  for (const std::string_view symbol : {"__name__", "up", "job", "b"})
    table += BytesField(4, symbol);
  EXPECT_EQ(WriteMessageBytes(table + Series(UpA() + SampleField(1, 2))).status, 204);
  EXPECT_EQ(NumStored(up_a_), 1);
  EXPECT_EQ(NumStored(up_b_), 1);
}

TEST_F(ReceiveV2Test, KeepsTheRestOfWhatItRefuses) {
  ASSERT_EQ(Write(Series(UpA() + SampleField(100, 1))).status, 204);
  const std::string a = "{__name__=\"up\", job=\"a\"}";
  struct Case {
    std::string_view name;
    std::string series, written, want;
  };
  const Case kCases[] = {
      {"references in odd number", Series(PackedVarints(1, {1, 2, 3}) + SampleField(1, 1)), "1 1 0",
       "parsing labels for series [1 2 3]: invalid labelRefs length 3"},
      {"a reference beyond the table", Series(PackedVarints(1, {1, 7}) + SampleField(1, 1)),
       "1 1 0",
       "parsing labels for series [1 7]: symbol 7 is outside of the symbols table, whose size is "
       "7"},
      {"no metric name", Series(PackedVarints(1, {3, 4}) + SampleField(1, 1)), "1 1 0",
       "invalid metric name or labels, got {job=\"a\"}"},
      {"no labels", Series(SampleField(1, 1)), "1 1 0", "invalid metric name or labels, got {}"},
      {"not UTF-8", Series(PackedVarints(1, {1, 2, 6, 4}) + SampleField(1, 1)), "1 1 0",
       "invalid metric name or labels, got {__name__=\"up\", \"\\xff\"=\"a\"}"},
      {"a name twice", Series(PackedVarints(1, {1, 2, 3, 4, 3, 5}) + SampleField(1, 1)), "1 1 0",
       "invalid labels for series, labels {__name__=\"up\", job=\"a\", job=\"b\"}, duplicated "
       "label "
       "job"},
      {"no samples", Series(UpA()), "1 1 0",
       "TimeSeries must contain at least one sample or histogram for series " + a},
      {"too old, and another value", Series(UpA() + SampleField(1, 1) + SampleField(100, 2)),
       "1 1 0",
       "out of order sample for series " + a + "\nduplicate sample for timestamp for series " + a},
      {"the same again is no error", Series(UpA() + SampleField(100, 1)), "2 1 0", ""},
      {"a histogram that is too old", Series(UpA() + SampleField(100, 1) + HistogramField(2)),
       "2 1 0", "out of order sample for series " + a},
      {"a histogram that contradicts itself",
       Series(UpA() + HistogramField(101, 1) + SampleField(100, 1)), "2 1 0",
       "2 observations found in buckets, but the Count field is 1: histogram's observation count "
       "should equal the number of observations found in the buckets (in absence of NaN) for "
       "series " +
           a},
      {"an exemplar",
       Series(UpA() + SampleField(100, 1) +
              BytesField(4, PackedVarints(1, {3}) + DoubleField(2, 1))),
       "2 1 0", "parsing exemplar for series " + a + ": invalid labelRefs length 1"},
      {"metadata",
       Series(UpA() + SampleField(100, 1) + BytesField(5, VarintField(1, 1) + VarintField(3, 7))),
       "2 1 0",
       "parsing metadata for series " + a +
           ": symbol 7 is outside of the symbols table, whose size is 7"},
  };
  TimestampMs t = 0;
  for (const Case& c : kCases) {
    t += 2;
    const size_t stored = NumStored(up_b_);
    const Response response =
        Write(Series(UpB() + SampleField(t, 1)) + c.series + Series(UpB() + HistogramField(t + 1)));
    EXPECT_EQ(response.status, c.want.empty() ? 204 : 400) << c.name;
    EXPECT_EQ(response.body, c.want.empty() ? "" : c.want + "\n") << c.name;
    EXPECT_EQ(Written(response), c.written) << c.name;
    EXPECT_EQ(NumStored(up_b_), stored + 2) << c.name;
    EXPECT_EQ(NumStored(up_a_), 1) << c.name;
  }
  EXPECT_EQ(store_.SeriesLabels().size(), 2);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("prometheus_api_remote_write_invalid_labels_samples_total 6"));
}

TEST_F(ReceiveV2Test, ExemplarsAreStored) {
  const auto exemplar = [](TimestampMs time) {
    return BytesField(4, PackedVarints(1, {3, 4}) + DoubleField(2, 1) +
                             VarintField(3, static_cast<uint64_t>(time)));
  };
  const Response response =
      Write(Series(UpA() + SampleField(1, 1) + exemplar(5) + exemplar(6) + VarintField(6, 1) +
                   BytesField(5, VarintField(1, 2) + VarintField(3, 4) + VarintField(4, 0))));
  EXPECT_EQ(response.status, 204) << response.body;
  EXPECT_EQ(Written(response), "1 0 2");
  const auto stored = store_.Exemplars();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[1].second.labels, LabelSet({{"job", "a"}}));
  EXPECT_EQ(stored[1].second.timestamp, 6);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("tidemark_api_remote_write_unsupported_total{type=\"metadata\"} 1"));

  const Response again = Write(Series(UpA() + SampleField(2, 1) + exemplar(6) + exemplar(4)));
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.body, "out of order exemplar for series {__name__=\"up\", job=\"a\"}\n");
  EXPECT_EQ(Written(again), "1 0 1") << "the one that is known counts as written";
}

TEST_F(ReceiveV2Test, ListsSoManyErrorsAndNoMore) {
  std::string message = Symbols();
  for (int i = 0; i < 1500; ++i) message += Series(PackedVarints(1, {3, 4}) + SampleField(1, 1));
  const Response response = WriteMessageBytes(message);
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.body.ends_with("\nand 500 more\n")) << response.body.size();
}

TEST_F(ReceiveV2Test, RefusesDamagedMessages) {
  const std::string good = Series(UpA() + SampleField(1, 1));
  std::string many(8'388'612, '\0');
  for (size_t i = 0; i < many.size(); i += 2) many[i] = '\x22';  // an empty symbol each
  struct Case {
    std::string_view name;
    std::string message, want;
  };
  const Case kCases[] = {
      {"cut off", (Symbols() + good + good).substr(0, Symbols().size() + 2 * good.size() - 1),
       "end of buffer"},
      {"series is a number", Symbols() + good + VarintField(5, 1), "unknown pbf field type"},
      {"1.0", good + BytesField(1, "series"), "unknown pbf field type"},
      {"labels are of another type", good + Series(DoubleField(1, 1)), "unknown pbf field type"},
      {"sample is damaged", good + Series(BytesField(2, "x")), "bad sample: "},
      {"histogram is damaged", good + Series(BytesField(3, "x")), "bad histogram: "},
      {"exemplar is damaged", good + Series(BytesField(4, "x")), "end of buffer"},
      {"metadata is damaged", good + Series(BytesField(5, VarintField(2, 1))),
       "unknown pbf field type"},
      {"more symbols than anybody has", many, "more than 4194304 symbols"},
  };
  for (const Case& c : kCases) {
    const Response response = WriteMessageBytes(c.message);
    EXPECT_EQ(response.status, 400) << c.name;
    EXPECT_THAT(response.body, HasSubstr(c.want)) << c.name;
    EXPECT_EQ(Written(response), "0 0 0") << c.name;
  }
  EXPECT_THAT(store_.SeriesLabels(), IsEmpty());
}

TEST_F(ReceiveV2Test, AsksToTryAgainWhereTheStoreFails) {
  store_.FailCommits(absl::UnavailableError("journal: disk full"));
  const Response response = Write(Series(UpA() + SampleField(1, 1)));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "journal: disk full\n");
  EXPECT_EQ(Written(response), "0 0 0");
}

}  // namespace
}  // namespace tidemark::http
