#include "http/remote/remote_read.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/compression.h"
#include "base/io/crc32c.h"
#include "base/io/varint.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "http/remote/read_gate.h"
#include "http/remote/read_request.h"
#include "http/remote/write_request.h"
#include "tests/testing/histogram_shapes.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/protobuf_fields.h"
#include "tests/testing/sample_shapes.h"
#include "tsdb/import/histogram_chunk.h"

namespace tidemark::http {
namespace {

using testing::BytesField;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakeHistograms;
using ::testing::Not;
using testing::PackedVarints;
using ::testing::SizeIs;
using testing::VarintField;

// --- requests, field by field

std::string Matcher(int type, std::string_view name, std::string_view value) {
  return BytesField(
      3, VarintField(1, static_cast<uint64_t>(type)) + BytesField(2, name) + BytesField(3, value));
}
std::string Query(TimestampMs start, TimestampMs end, std::string_view matchers,
                  std::string_view more = "") {
  return BytesField(1, StrCat(VarintField(1, static_cast<uint64_t>(start)),
                              VarintField(2, static_cast<uint64_t>(end)), matchers, more));
}
std::string Hints(TimestampMs start, TimestampMs end, std::string_view function = "") {
  return BytesField(4, VarintField(1, 15'000) + BytesField(2, function) +
                           VarintField(3, static_cast<uint64_t>(start)) +
                           VarintField(4, static_cast<uint64_t>(end)) + BytesField(5, "job") +
                           VarintField(6, 1) + VarintField(7, 300'000));
}
const std::string kChunksAccepted = PackedVarints(2, {1, 0});
const std::string kUp = Matcher(0, "__name__", "up");

std::string Compressed(std::string_view message) {
  std::string body;
  SnappyCompress(message, &body);
  return body;
}

// --- answers

struct Field {
  uint32_t number;
  std::string_view bytes;  // of a field that has bytes
  uint64_t value = 0;      // of another
};
std::vector<Field> FieldsOf(std::string_view message) {
  std::vector<Field> fields;
  while (!message.empty()) {
    const uint64_t tag = ConsumeVarint(message).value();
    Field field{static_cast<uint32_t>(tag >> 3), {}};
    if ((tag & 7) == 2) {
      field.bytes = ConsumeLengthPrefixed(message).value();
    } else {
      field.value = ConsumeVarint(message).value();
    }
    fields.push_back(field);
  }
  return fields;
}

struct ReadSeries {
  LabelSet labels;
  SampleColumns samples;
};
using Results = std::vector<std::vector<ReadSeries>>;  // by query

// A result of samples, read by the reader of remote write: both have the same series.
std::vector<ReadSeries> ParseResult(std::string_view message) {
  std::vector<ReadSeries> all;
  WriteRequestReader reader(message);
  WrittenSeries written;
  for (;;) {
    const absl::StatusOr<bool> more = reader.Next(written);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) return all;
    ReadSeries& series = all.emplace_back();
    series.labels = ParseRawLabels(written.raw_labels)->value();
    for (const Sample& s : written.samples) series.samples.push_back(s.timestamp, s.value);
    for (const WrittenHistogram& h : written.histograms) {
      std::visit(
          [&](const auto& value) { series.samples.histograms.push_back(h.timestamp, value); },
          h.value);
    }
  }
}

Results ParseSamples(const Response& response) {
  EXPECT_EQ(response.content_type, "application/x-protobuf");
  EXPECT_THAT(response.headers, ElementsAre(::testing::Pair("Content-Encoding", "snappy")));
  std::string message;
  const absl::Status status = SnappyUncompress(response.body, 1 << 30, &message);
  EXPECT_TRUE(status.ok()) << status;
  Results results;
  for (const Field& field : FieldsOf(message)) results.push_back(ParseResult(field.bytes));
  return results;
}

// A frame: the number of its query, its labels, its samples.
struct Frame {
  size_t query = 0;
  ReadSeries series;
  size_t bytes = 0, num_chunks = 0;
};

Frame ParseFrame(std::string_view message) {
  Frame frame;
  frame.bytes = message.size();
  std::string labels;
  for (const Field& field : FieldsOf(message)) {
    if (field.number == 2) frame.query = field.value;
    if (field.number != 1) continue;
    for (const Field& part : FieldsOf(field.bytes)) {
      if (part.number == 1) labels += BytesField(1, part.bytes);
      if (part.number != 2) continue;
      const std::vector<Field> chunk = FieldsOf(part.bytes);  // min, max, type, data
      SampleColumns samples;
      const absl::Status status = tsdb::DecodePrometheusChunk(
          static_cast<tsdb::ChunkEncoding>(chunk.at(2).value), chunk.at(3).bytes, samples);
      EXPECT_TRUE(status.ok()) << status;
      if (samples.has_samples()) {
        EXPECT_EQ(samples.Extent(), (TimeRange{static_cast<TimestampMs>(chunk[0].value),
                                               static_cast<TimestampMs>(chunk[1].value)}));
      }
      MergeSamples(samples, frame.series.samples);
      ++frame.num_chunks;
    }
  }
  frame.series.labels = ParseRawLabels(labels)->value();
  return frame;
}

std::vector<Frame> ParseFrames(std::string_view body) {
  std::vector<Frame> frames;
  while (!body.empty()) {
    const uint64_t size = ConsumeVarint(body).value();
    uint32_t checksum = 0;
    for (const char c : body.substr(0, 4)) checksum = checksum << 8 | static_cast<uint8_t>(c);
    const std::string_view message = body.substr(4, size);
    EXPECT_EQ(Crc32c(message), checksum);
    frames.push_back(ParseFrame(message));
    body.remove_prefix(4 + size);
  }
  return frames;
}

class RemoteReadTest : public ::testing::Test {
 protected:
  RemoteReadTest() {
    for (const std::string_view job : {"a", "b"}) {
      for (TimestampMs t = 1000; t <= 5000; t += 1000) {
        store_.Add({{"__name__", "up"}, {"job", job}}, t, job == "a" ? 1 : -0.0);
      }
    }
    store_.Add({{"__name__", "other"}, {"zone", "moon"}}, 2000, 7);
  }

  Response Ask(std::string body) {
    Request request;
    request.method = "POST";
    request.headers = {{"Content-Encoding", "snappy"}, {"Content-Type", "application/x-protobuf"}};
    request.body = std::move(body);
    return RemoteReadHandler(
        options_, store_, [this] { return external_; }, metrics_)(request);
  }
  Results Samples(std::string_view message) {
    const Response response = Ask(Compressed(message));
    EXPECT_EQ(response.status, 200) << response.body;
    return response.status == 200 ? ParseSamples(response) : Results();
  }
  std::vector<Frame> Frames(std::string_view queries) {
    const Response response = Ask(Compressed(StrCat(queries, kChunksAccepted)));
    EXPECT_EQ(response.content_type,
              "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
    EXPECT_TRUE(response.stream) << response.body;
    std::string body;
    const absl::Status status = response.stream([&](std::string_view part) {
      body += part;
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return ParseFrames(body);
  }

  RemoteReadOptions options_;
  testing::MemoryStore store_;
  MetricRegistry metrics_;
  LabelSet external_;
};

TEST_F(RemoteReadTest, SelectsByMatchersAndTime) {
  struct Case {
    std::string_view name;
    std::string query;
    std::vector<std::string> want;  // series, and of the first the times
  };
  const std::string all = Matcher(2, "__name__", ".+");
  const Case kCases[] = {
      {"equal", Query(0, 9000, kUp), {"up{job=\"a\"}", "up{job=\"b\"}", "1000", "5000"}},
      {"not equal",
       Query(0, 9000, kUp + Matcher(1, "job", "a")),
       {"up{job=\"b\"}", "1000", "5000"}},
      {"regex",
       Query(0, 9000, kUp + Matcher(2, "job", "[b-z]")),
       {"up{job=\"b\"}", "1000", "5000"}},
      {"not regex",
       Query(0, 9000, all + Matcher(3, "job", ".+")),
       {"other{zone=\"moon\"}", "2000", "2000"}},
      {"both ends are in it",
       Query(2000, 4000, kUp + Matcher(0, "job", "a")),
       {"up{job=\"a\"}", "2000", "4000"}},
      {"hints narrow",
       Query(1000, 5000, kUp + Matcher(0, "job", "a"), Hints(2500, 4500)),
       {"up{job=\"a\"}", "3000", "4000"}},
      {"hints do not widen",
       Query(2000, 4000, kUp + Matcher(0, "job", "a"), Hints(0, 9000)),
       {"up{job=\"a\"}", "2000", "4000"}},
      {"nothing there", Query(6000, 9000, kUp), {}},
      {"backwards", Query(5000, 1000, kUp), {}},
      {"no matchers", Query(0, 9000, ""), {}},
      {"all of time",
       Query(kMinTimestamp, kMaxTimestamp, kUp + Matcher(0, "job", "a")),
       {"up{job=\"a\"}", "1000", "5000"}},
  };
  const auto describe = [](const std::vector<ReadSeries>& series) {
    std::vector<std::string> text;
    for (const ReadSeries& s : series) text.push_back(s.labels.ToString());
    if (series.empty()) return text;
    text.push_back(StrCat(series[0].samples.timestamps.front()));
    text.push_back(StrCat(series[0].samples.timestamps.back()));
    return text;
  };
  for (const Case& c : kCases) {
    const Results results = Samples(c.query);
    ASSERT_THAT(results, SizeIs(1)) << c.name;
    EXPECT_EQ(describe(results[0]), c.want) << c.name;
    std::vector<ReadSeries> streamed;
    for (Frame& frame : Frames(c.query)) streamed.push_back(std::move(frame.series));
    EXPECT_EQ(describe(streamed), c.want) << c.name;
  }
}

TEST_F(RemoteReadTest, QueriesKeepTheirOrder) {
  const std::string queries = Query(0, 9000, Matcher(0, "__name__", "none")) + Query(0, 9000, kUp) +
                              Query(0, 9000, Matcher(0, "__name__", "other"));
  const Results results = Samples(queries);
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_THAT(results[0], SizeIs(0));
  EXPECT_THAT(results[1], SizeIs(2));
  EXPECT_THAT(results[2], SizeIs(1));
  std::vector<size_t> numbers;
  for (const Frame& frame : Frames(queries)) numbers.push_back(frame.query);
  EXPECT_THAT(numbers, ElementsAre(1, 1, 2));
}

TEST_F(RemoteReadTest, ExternalLabelsAreAdded) {
  external_ = {{"a", "1"}, {"replica", "r"}, {"zone", "earth"}};
  const Results results =
      Samples(Query(0, 9000, kUp + Matcher(0, "job", "a") + Matcher(0, "replica", "r")) +
              Query(0, 9000, Matcher(0, "__name__", "other")) +
              Query(0, 9000, kUp + Matcher(0, "replica", "other")));
  ASSERT_THAT(results, SizeIs(3));
  ASSERT_THAT(results[0], SizeIs(1));
  EXPECT_EQ(results[0][0].labels.ToString(),
            "up{a=\"1\", job=\"a\", replica=\"r\", zone=\"earth\"}");
  EXPECT_EQ(results[1][0].labels.ToString(), "other{a=\"1\", replica=\"r\", zone=\"moon\"}");
  EXPECT_THAT(results[2], SizeIs(0));
  EXPECT_EQ(Frames(Query(0, 9000, Matcher(0, "__name__", "other")))[0].series.labels,
            results[1][0].labels);
}

TEST_F(RemoteReadTest, GivesEverySampleInBothForms) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  const LabelSet labels{{"__name__", "h"}};
  const HistogramColumns integers = MakeHistograms(seed, 700, false);
  const HistogramColumns floats = MakeHistograms(seed + 1, 700, true);
  const SampleColumns values =
      testing::MakeSamples(testing::TimestampShapes()[0], testing::ValueShapes()[0], 700, seed);
  for (size_t i = 0; i < 700; ++i) {
    const TimestampMs t = integers.timestamps()[i] * 1000;  // 4 hours apart: for many pieces
    if (i % 100 < 40) {
      store_.AddValue(labels, t, ToIntegerHistogram(integers[i]));
    } else if (i % 100 < 80) {
      store_.AddValue(labels, t, ToFloatHistogram(floats[i]));
    } else {
      store_.AddValue(labels, t, values.values[i]);
    }
  }
  const std::string query = Query(kMinTimestamp, kMaxTimestamp, Matcher(0, "__name__", "h"));
  Results results = Samples(query);
  ASSERT_THAT(results.at(0), SizeIs(1));
  SampleColumns& samples = results[0][0].samples;
  EXPECT_EQ(samples.size(), store_.Samples(labels).size());
  EXPECT_TRUE(SameBits(samples.histograms, store_.Histograms(labels)));

  options_.max_bytes_in_frame = 2000;
  SampleColumns streamed;
  size_t num_frames = 0;
  for (const Frame& frame : Frames(query)) {
    EXPECT_EQ(frame.series.labels, labels);
    EXPECT_TRUE(frame.bytes < 2000 || frame.num_chunks == 1 || frame.bytes < 30'000);
    MergeSamples(frame.series.samples, streamed);
    ++num_frames;
  }
  EXPECT_GT(num_frames, 5);
  EXPECT_TRUE(testing::SameSamples(streamed, samples));
  for (HistogramColumns* histograms : {&streamed.histograms, &samples.histograms}) {
    for (size_t i = 0; i < histograms->size(); ++i) {
      histograms->SetHint(i, HintAfterGap((*histograms)[i].counter_reset_hint));
    }
  }
  EXPECT_TRUE(SameBits(streamed.histograms, samples.histograms));
}

TEST_F(RemoteReadTest, LabelsOnlyWhereNoSamplesAreWanted) {
  const std::string query = Query(0, 9000, kUp, Hints(0, 9000, "series"));
  const Results results = Samples(query);
  ASSERT_THAT(results.at(0), SizeIs(2));
  EXPECT_FALSE(results[0][0].samples.has_samples());
  const std::vector<Frame> frames = Frames(query);
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_FALSE(frames[0].series.samples.has_samples());
  EXPECT_EQ(frames[1].series.labels.ToString(), "up{job=\"b\"}");
}

TEST_F(RemoteReadTest, ALargeAnswerIsWhole) {
  const std::string value(1000, 'x');
  for (int i = 0; i < 500; ++i) {
    store_.Add({{"__name__", "wide"}, {"i", StrCat(1000 + i)}, {"v", value}}, i, i);
  }
  const Results results = Samples(Query(0, 9000, Matcher(0, "__name__", "wide")) +
                                  Query(100, 199, Matcher(0, "__name__", "wide")));
  ASSERT_THAT(results, SizeIs(2));
  ASSERT_THAT(results[0], SizeIs(500));
  EXPECT_THAT(results[1], SizeIs(100));
  for (int i = 0; i < 500; ++i) {
    const ReadSeries& series = results[0][static_cast<size_t>(i)];
    EXPECT_EQ(series.labels.Get("i"), StrCat(1000 + i));
    EXPECT_EQ(series.samples.values, std::vector<double>{static_cast<double>(i)});
  }
}

TEST_F(RemoteReadTest, TypesOfTheAnswer) {
  struct Case {
    std::string_view name;
    std::string accepted;
    bool want_stream;
  };
  const Case kCases[] = {
      {"samples if nothing is said", "", false},
      {"samples first", PackedVarints(2, {0, 1}), false},
      {"chunks first", PackedVarints(2, {1, 0}), true},
      {"not packed", VarintField(2, 1) + VarintField(2, 0), true},
      {"the first that is known", PackedVarints(2, {9, 1}), true},
  };
  for (const Case& c : kCases) {
    const Response response = Ask(Compressed(Query(0, 9000, kUp) + c.accepted));
    EXPECT_EQ(response.status, 200) << c.name;
    EXPECT_EQ(static_cast<bool>(response.stream), c.want_stream) << c.name;
  }
  EXPECT_THAT(Samples(""), SizeIs(0));
}

TEST_F(RemoteReadTest, RefusesWhatItCannotAnswer) {
  std::string many_queries, many_matchers;
  for (size_t i = 0; i <= kMaxReadQueries; ++i) many_queries += Query(0, 1, kUp);
  for (size_t i = 0; i <= kMaxReadMatchers; ++i) many_matchers += Matcher(2, "a", "b.*");
  const std::string whole = Compressed(Query(0, 9000, kUp));
  std::string bomb;
  AppendVarint(uint64_t{1} << 31, &bomb);
  struct Case {
    std::string_view name;
    std::string body;
    std::string_view want;
  };
  const Case kCases[] = {
      {"not snappy", "hello", "snappy"},
      {"truncated snappy", whole.substr(0, whole.size() - 3), "snappy"},
      {"snappy bomb", bomb + whole, "33554432"},
      {"no body", "", "snappy"},
      {"no protobuf", Compressed("\xff\xff\xff"), "bad prometheus.ReadRequest"},
      {"truncated query", Compressed(Query(0, 9000, kUp).substr(0, 9)),
       "bad prometheus.ReadRequest"},
      {"a field of another type", Compressed(VarintField(1, 1)), "bad prometheus.ReadRequest"},
      {"matcher type", Compressed(Query(0, 1, Matcher(4, "a", "b"))), "invalid matcher type 4"},
      {"regex", Compressed(Query(0, 1, Matcher(2, "a", "["))), "["},
      {"response types", Compressed(PackedVarints(2, {7, 8})),
       "server does not support any of the requested response types: [7 8]; supported: "
       "map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]\n"},
      {"queries", Compressed(many_queries), "1000 queries"},
      {"matchers", Compressed(Query(0, 1, many_matchers)), "1000 matchers"},
  };
  for (const Case& c : kCases) {
    const Response response = Ask(c.body);
    EXPECT_EQ(response.status, 400) << c.name;
    EXPECT_THAT(response.body, HasSubstr(c.want)) << c.name;
    EXPECT_EQ(response.content_type, "text/plain; charset=utf-8") << c.name;
  }
}

TEST_F(RemoteReadTest, Limits) {
  options_.sample_limit = 9;
  const Response response = Ask(Compressed(Query(0, 9000, kUp)));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "exceeded sample limit (9)\n");
  EXPECT_THAT(Frames(Query(0, 9000, kUp)), SizeIs(2));  // does not count
  options_.sample_limit = 10;
  EXPECT_THAT(Samples(Query(0, 9000, kUp) + Query(0, 9000, kUp)), SizeIs(2));
  options_.sample_limit = 0;
  options_.max_answer_bytes = 50;
  EXPECT_THAT(Ask(Compressed(Query(0, 9000, kUp))).body, HasSubstr("exceeds 50 bytes"));
}

TEST_F(RemoteReadTest, AClientThatGoesEndsTheStream) {
  const Response response = Ask(Compressed(Query(0, 9000, kUp) + kChunksAccepted));
  int parts = 0;
  const absl::Status status = response.stream([&](std::string_view) {
    ++parts;
    return false;
  });
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_EQ(parts, 1);
}

TEST_F(RemoteReadTest, PlacesAreGivenBack) {
  ReadGate gate(1, metrics_);
  const Gauge& queries = metrics_.AddGauge("prometheus_remote_read_handler_queries", "");
  Cancellation cancellation;
  absl::StatusOr<ReadGate::Place> first = gate.Enter(cancellation);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(queries.Value(), 1);
  std::thread second([&] { EXPECT_TRUE(gate.Enter(cancellation).ok()); });
  first->reset();
  second.join();
  EXPECT_EQ(queries.Value(), 0);
  const auto place = gate.Enter(cancellation);
  cancellation.Cancel();
  EXPECT_TRUE(absl::IsCancelled(gate.Enter(cancellation).status()));
}

}  // namespace
}  // namespace tidemark::http
