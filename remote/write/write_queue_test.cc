#include "remote/write/write_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "absl/time/clock.h"

#include "base/io/compression.h"
#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "http/remote/write_request.h"
#include "http/remote/write_request_v2.h"
#include "tests/testing/fake_journal_feed.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/write_receiver.h"

namespace tidemark::remote {
namespace {

using ::testing::ElementsAre;
using testing::FakeJournalFeed;
using ::testing::HasSubstr;
using testing::ResponseWith;
using testing::TempDirectory;
using testing::WriteReceiver;

constexpr TimestampMs kNow = 1'700'000'000'000;

// A sample as it arrived: its value by its bits.
using Arrived = std::tuple<std::string, TimestampMs, uint64_t>;
Arrived Sent(const LabelSet& labels, TimestampMs t, double v) {
  return {labels.ToString(), t, std::bit_cast<uint64_t>(v)};
}

// The samples of a request, in order; histograms by their sums.
std::vector<Arrived> Decode(const HttpRequest& request, WriteMessage message) {
  std::vector<Arrived> samples;
  std::string text;
  EXPECT_TRUE(SnappyUncompress(request.body, 1 << 26, &text).ok());
  const auto add = [&](const LabelSet& labels, const auto& series) {
    for (const Sample& s : series.samples) samples.push_back(Sent(labels, s.timestamp, s.value));
    for (const http::WrittenHistogram& h : series.histograms) {
      std::visit(
          [&](const auto& value) { samples.push_back(Sent(labels, h.timestamp, value.sum)); },
          h.value);
    }
  };
  if (message == WriteMessage::kV1) {
    http::WriteRequestReader reader(text);
    for (http::WrittenSeries series; reader.Next(series).value();) {
      add(**http::ParseRawLabels(series.raw_labels), series);
    }
    return samples;
  }
  auto reader = http::WriteRequestV2Reader::Open(text);
  EXPECT_TRUE(reader.ok()) << reader.status();
  for (http::WrittenSeriesV2 series; reader->Next(series).value();) {
    LabelSetBuilder labels;
    const auto pairs = reader->Labels(series.label_refs);
    for (const LabelView& label : *pairs) labels.Set(label.name, label.value);
    add(labels.Build(), series);
  }
  return samples;
}

class WriteQueueTest : public ::testing::Test {
 protected:
  WriteQueueTest() {
    config_.url = "http://receiver/api/v1/write";
    config_.queue.batch_send_deadline = kSecond;
    receiver_.AnswerAll(204);
  }

  void Start() {
    auto cursor = SendCursor::Open(CursorPath());
    ASSERT_TRUE(cursor.ok()) << cursor.status();
    if (!(*cursor)->places()) {
      ASSERT_TRUE((*cursor)->Write(ShardPlaces(config_.queue.min_shards, {1, 0})).ok());
    }
    const auto post = [this](HttpRequest request, const HttpClientOptions&,
                             HttpClient::Callback done) {
      receiver_.Post(std::move(request), std::move(done));
    };
    queue_ = std::make_unique<WriteQueue>(
        config_, external_labels_, "test", "reader", *std::move(cursor),
        QueueContext{feed_, post, clock_, metrics_, [this] { return families_; }});
  }
  std::string CursorPath() const { return directory_.path() + "/cursor"; }

  // Lets time pass until `condition` holds.
  void Await(const std::function<bool()>& condition) {
    while (!condition()) {
      clock_.Advance(20);
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
  void AwaitReceived(size_t count) {
    Await([&] { return receiver_.num_received() >= count; });
  }
  // Everything that was acknowledged, in the order in which it was sent.
  std::vector<Arrived> Taken() {
    std::vector<Arrived> all;
    for (const WriteReceiver::Received& received : receiver_.received()) {
      if (!received.answered) continue;
      for (Arrived& sample : Decode(received.request, config_.message)) {
        all.push_back(std::move(sample));
      }
    }
    return all;
  }
  double Metric(const std::string& name) {
    const std::string text = metrics_.Expose();
    for (size_t at = text.find("\n" + name); at != std::string::npos;
         at = text.find("\n" + name, at + 1)) {
      const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      if (line.find(' ') != std::string::npos) return std::stod(line.substr(line.rfind(' ')));
    }
    return -1;
  }
  double Samples(const std::string& what) {
    return Metric(StrCat("prometheus_remote_storage_samples_", what, "{"));
  }

  TempDirectory directory_;
  FakeClock clock_{kNow};
  MetricRegistry metrics_;
  FakeJournalFeed feed_;
  WriteReceiver receiver_{clock_};
  RemoteWriteConfig config_;
  LabelSet external_labels_;
  std::vector<FamilyMetadata> families_;
  std::unique_ptr<WriteQueue> queue_;
};

LabelSet Series(int i) { return {{"__name__", "m"}, {"i", StrCat(i)}}; }

TEST_F(WriteQueueTest, SendsWhatIsStoredAsTheSpecificationHasIt) {
  struct Case {
    WriteMessage message;
    std::string_view content_type, version;
  };
  const Case cases[] = {
      {WriteMessage::kV1, "application/x-protobuf", "0.1.0"},
      {WriteMessage::kV2, "application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0"}};
  external_labels_ = {{"dc", "eu"}, {"own", "no"}};
  RelabelRule drop;
  drop.action = RelabelAction::kDrop;
  drop.source_labels = {"__name__"};
  drop.regex = *AnchoredRegex::Create("secret.*");
  RelabelRule rename;
  rename.source_labels = {"dc"};
  rename.target_label = "region";
  config_.relabel_rules = {drop, rename};
  const LabelSet plain{{"__name__", "a"}}, own{{"__name__", "b"}, {"own", "yes"}},
      secret{{"__name__", "secret_x"}};
  feed_.Add({{plain, kNow, 1}, {own, kNow, -0.0}, {secret, kNow, 3}});
  feed_.Add({{plain, kNow + 1, StaleMarker()}, {own, kNow + 1, std::nan("")}});
  const LabelSet a{{"__name__", "a"}, {"dc", "eu"}, {"own", "no"}, {"region", "eu"}};
  const LabelSet b{{"__name__", "b"}, {"dc", "eu"}, {"own", "yes"}, {"region", "eu"}};
  for (const Case& c : cases) {
    std::filesystem::remove(CursorPath());
    config_.message = c.message;
    const size_t before = receiver_.num_received();
    Start();
    AwaitReceived(before + 1);
    queue_.reset();
    const HttpRequest request = receiver_.received().back().request;
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "http://receiver/api/v1/write");
    EXPECT_THAT(request.headers,
                ElementsAre(::testing::Pair("Content-Encoding", "snappy"),
                            ::testing::Pair("Content-Type", c.content_type),
                            ::testing::Pair("X-Prometheus-Remote-Write-Version", c.version)));
    EXPECT_THAT(Decode(request, c.message),
                ElementsAre(Sent(a, kNow, 1), Sent(b, kNow, -0.0), Sent(a, kNow + 1, StaleMarker()),
                            Sent(b, kNow + 1, std::nan(""))));
  }
}

TEST_F(WriteQueueTest, NativeHistogramsGoWhereTheyAreAskedFor) {
  auto layout = std::make_shared<HistogramLayout>();
  layout->positive_spans = {{0, 2}};
  FloatHistogramSample histogram;
  histogram.layout = layout;
  histogram.count = 3;
  histogram.sum = 4.5;
  histogram.positive_counts = {1, 2};
  feed_.AddHistogram(Series(1), kNow, histogram);
  feed_.Add({{Series(2), kNow, 1}});
  for (const WriteMessage message : {WriteMessage::kV1, WriteMessage::kV2}) {
    for (const bool send : {false, true}) {
      std::filesystem::remove(CursorPath());
      config_.message = message;
      config_.send_native_histograms = send;
      const size_t before = receiver_.num_received();
      Start();
      AwaitReceived(before + 1);
      queue_.reset();
      EXPECT_EQ(Decode(receiver_.received().back().request, message).size(), send ? 2u : 1u);
    }
  }
  EXPECT_EQ(Metric("prometheus_remote_storage_histograms_total"), 2);
  EXPECT_EQ(Metric("tidemark_remote_storage_histograms_not_sent_total"), 2);
}

TEST_F(WriteQueueTest, AnswersDecideWhatIsSentAgain) {
  struct Case {
    std::string_view name;
    absl::StatusOr<HttpResponse> answer;
    bool retry_429 = true;
    bool again = false, failed = false;
  };
  const Case cases[] = {
      {"ok", ResponseWith(200)},
      {"accepted", ResponseWith(202)},
      {"bad request", ResponseWith(400, {}, "out of order"), true, false, true},
      {"not found", ResponseWith(404), true, false, true},
      {"conflict", ResponseWith(409), true, false, true},
      {"too large", ResponseWith(413), true, false, true},
      {"a redirect that leads nowhere", ResponseWith(304), true, false, true},
      {"too many", ResponseWith(429), true, true},
      {"too many, and no patience", ResponseWith(429), false, false, true},
      {"broken", ResponseWith(500), true, true},
      {"away", ResponseWith(503), true, true},
      {"not there", absl::UnavailableError("connection refused"), true, true},
      {"slow", absl::DeadlineExceededError("context deadline exceeded"), true, true},
  };
  double failed = 0, retried = 0, sent = 0;
  uint64_t batch = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    config_.queue.retry_on_http_429 = c.retry_429;
    const size_t first = receiver_.num_received();
    receiver_.SetScript([&, first](size_t number) {
      return number < first + 1 ? c.answer : absl::StatusOr<HttpResponse>(ResponseWith(204));
    });
    batch = feed_.Add({{Series(1), kNow, 1}, {Series(2), kNow, 2}});
    Start();
    AwaitReceived(first + (c.again ? 2 : 1));
    queue_->Stop(kMaxTimestamp, /*flush=*/true);
    queue_.reset();
    EXPECT_EQ(receiver_.num_received(), first + (c.again ? 2 : 1));
    failed += c.failed ? 2 : 0;
    retried += c.again ? 2 : 0;
    sent += c.failed ? 0 : 2;
    EXPECT_EQ(Samples("failed_total"), failed);
    EXPECT_EQ(Samples("retried_total"), retried);
    EXPECT_EQ(Samples("total"), sent);
    EXPECT_EQ(feed_.HeldBy("reader"), batch + 1);
    const auto last = receiver_.received().back();
    EXPECT_EQ(last.request.headers.size(), c.again ? 4u : 3u);
    if (c.again) {
      EXPECT_EQ(last.request.headers.back(), HttpHeaders::value_type("Retry-Attempt", "1"));
      EXPECT_EQ(last.request.body, receiver_.received()[first].request.body);
    }
  }
}

TEST_F(WriteQueueTest, APartThatWasWrittenDidNotFail) {
  config_.message = WriteMessage::kV2;
  receiver_.SetScript([](size_t) {
    return ResponseWith(400, {{"x-prometheus-remote-write-samples-written", "2"}}, "out of order");
  });
  feed_.Add({{Series(1), kNow, 1}, {Series(2), kNow, 2}, {Series(3), kNow, 3}});
  Start();
  queue_->Stop(kMaxTimestamp, /*flush=*/true);
  EXPECT_EQ(Samples("total"), 2);
  EXPECT_EQ(Samples("failed_total"), 1);
}

TEST_F(WriteQueueTest, PausesGrowUnlessTheReceiverSaysHowLong) {
  config_.queue.min_backoff = 100;
  config_.queue.max_backoff = 1000;
  receiver_.SetScript([](size_t number) {
    if (number == 6) return ResponseWith(429, {{"retry-after", "30"}});
    return ResponseWith(number < 6 ? 500 : 204);
  });
  feed_.Add({{Series(1), kNow, 1}});
  Start();
  AwaitReceived(8);
  const auto received = receiver_.received();
  const DurationMs pauses[] = {100, 200, 400, 800, 1000, 1000, 30 * kSecond};
  for (size_t i = 0; i < std::size(pauses); ++i) {
    EXPECT_GE(received[i + 1].at - received[i].at, pauses[i]) << i;
  }
}

TEST_F(WriteQueueTest, AReceiverThatHangsStopsTheReadingAndLosesNothing) {
  config_.queue.capacity = 10;
  config_.queue.max_samples_per_send = 5;
  receiver_.SetScript([](size_t) { return std::nullopt; });
  for (int i = 0; i < 100; ++i) feed_.Add({{Series(1), kNow + i, 1.0 * i}});
  Start();
  AwaitReceived(1);
  Await([&] { return Samples("pending") == 10; });
  EXPECT_EQ(receiver_.num_received(), 1u);
  EXPECT_EQ(feed_.HeldBy("reader"), 1u);
  receiver_.AnswerAll(204);
  receiver_.Answer(0, absl::DeadlineExceededError("context deadline exceeded"));
  queue_->Stop(kMaxTimestamp, /*flush=*/false);  // the one that is on its way
  queue_.reset();
  Start();
  queue_->Stop(kMaxTimestamp, /*flush=*/true);
  // The first request was answered twice: with an error, then taken.
  std::set<TimestampMs> times;
  for (const auto& [labels, t, v] : Taken()) times.insert(t);
  EXPECT_EQ(times.size(), 100u);
  EXPECT_EQ(feed_.HeldBy("reader"), 101u);
}

TEST_F(WriteQueueTest, ARestartSendsAgainOnlyWhatWasUnderWay) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  config_.queue.min_shards = 3;
  config_.queue.max_samples_per_send = 7;
  config_.queue.capacity = 50;
  constexpr int kBatches = 60, kSeries = 40;
  for (int b = 0; b < kBatches; ++b) {
    std::vector<FakeJournalFeed::Value> batch;
    for (int s = 0; s < kSeries; ++s) batch.push_back({Series(s), kNow + b, 1.0 * b});
    feed_.Add(batch);
  }
  // Answers come in any order, and the queue is stopped whenever; what was not answered then never
  // will be.
  receiver_.SetScript([](size_t) { return std::nullopt; });
  std::map<std::pair<std::string, TimestampMs>, int> taken;
  std::map<std::string, TimestampMs> newest;
  const auto take = [&](size_t number) {
    for (const auto& [labels, t, v] :
         Decode(receiver_.received()[number].request, config_.message)) {
      ++taken[{labels, t}];
      EXPECT_GT(t, newest.contains(labels) ? newest[labels] : 0) << labels;
      newest[labels] = t;
    }
    const double before = Samples("total");
    receiver_.Answer(number, ResponseWith(204));
    Await([&] { return Samples("total") > before; });
  };
  while (taken.size() < size_t{kBatches} * kSeries) {
    const size_t first = receiver_.num_received();
    Start();
    for (uint64_t steps = random() % 40; steps > 0; --steps) {
      if (taken.size() == size_t{kBatches} * kSeries) break;
      std::vector<size_t> waiting;
      Await([&] {
        const auto received = receiver_.received();
        waiting.clear();
        for (size_t i = first; i < received.size(); ++i) {
          if (!received[i].answered) waiting.push_back(i);
        }
        return !waiting.empty();
      });
      take(waiting[random() % waiting.size()]);
    }
    queue_->Stop(kMinTimestamp, /*flush=*/false);
    queue_.reset();
  }
  for (const auto& [key, count] : taken) {
    EXPECT_EQ(count, 1) << key.first << " at " << key.second;
  }
}

TEST_F(WriteQueueTest, MoreShardsKeepTheOrderOfEachSeries) {
  config_.queue.max_shards = 8;
  config_.queue.max_samples_per_send = 10;
  config_.queue.capacity = 40;
  receiver_.SetScript([](size_t) { return std::nullopt; });
  int num_batches = 0;
  const auto add_batch = [&] {
    std::vector<FakeJournalFeed::Value> batch;
    for (int s = 0; s < 40; ++s) batch.push_back({Series(s), kNow + num_batches, 1});
    ++num_batches;
    feed_.Add(batch);
  };
  while (num_batches < 10'000) add_batch();  // what waits asks for more of them
  Start();
  size_t next = 0;
  std::map<std::string, TimestampMs> newest;
  size_t num_samples = 0;
  for (int rounds_left = 50; rounds_left > 0; rounds_left -= receiver_.most_in_flight() > 1) {
    add_batch();
    absl::SleepFor(absl::Milliseconds(1));
    clock_.Advance(500);
    const auto received = receiver_.received();
    for (; next < received.size(); ++next) {
      for (const auto& [labels, t, v] : Decode(received[next].request, config_.message)) {
        EXPECT_GT(t, newest.contains(labels) ? newest[labels] : 0) << labels;
        newest[labels] = t;
        ++num_samples;
      }
      receiver_.Answer(next, ResponseWith(204));
    }
  }
  EXPECT_GT(Metric("prometheus_remote_storage_shards{"), 1);
  EXPECT_GT(num_samples, 0u);
}

TEST_F(WriteQueueTest, WhatIsTooOldIsLeftOut) {
  config_.queue.sample_age_limit = kMinute;
  config_.queue.max_backoff = kSecond;
  receiver_.AnswerAll(503);
  feed_.Add({{Series(1), kNow - 2 * kMinute, 1}, {Series(1), kNow - kMinute / 2, 2}});
  feed_.Add({{Series(2), kNow + kMinute, 3}});
  Start();
  AwaitReceived(1);
  EXPECT_EQ(Decode(receiver_.received()[0].request, config_.message).size(), 2u);
  EXPECT_EQ(Metric("prometheus_remote_storage_samples_dropped_total{reason=\"too_old\""), 1);
  clock_.Advance(kMinute);
  Await([&] { return Decode(receiver_.received().back().request, config_.message).size() == 1; });
  EXPECT_EQ(Metric("prometheus_remote_storage_samples_dropped_total{reason=\"too_old\""), 2);
  clock_.Advance(2 * kMinute);
  Await([&] { return feed_.HeldBy("reader") == 3; });
  EXPECT_EQ(Metric("prometheus_remote_storage_samples_dropped_total{reason=\"too_old\""), 3);
  EXPECT_EQ(Samples("pending"), 0);
}

TEST_F(WriteQueueTest, MetadataGoesByItselfIn10AndWithTheSeriesIn20) {
  for (int i = 0; i < 5; ++i) {
    families_.push_back({StrCat("family_", i), "histogram", StrCat("help ", i), "bytes"});
  }
  config_.metadata.max_samples_per_send = 2;
  receiver_.SetScript([](size_t number) { return ResponseWith(number == 1 ? 503 : 204); });
  Start();
  AwaitReceived(4);  // one of them is sent again
  Await([&] { return Metric("prometheus_remote_storage_metadata_total") == 5; });
  EXPECT_EQ(Metric("prometheus_remote_storage_metadata_retried_total"), 2);
  queue_.reset();
  std::string text;
  ASSERT_TRUE(SnappyUncompress(receiver_.received()[3].request.body, 1 << 20, &text).ok());
  http::WriteRequestReader reader(text);
  http::WrittenSeries none;
  EXPECT_FALSE(*reader.Next(none));
  EXPECT_EQ(reader.num_metadata(), 1u);
  EXPECT_THAT(text, ::testing::AllOf(HasSubstr("family_4"), HasSubstr("help 4")));

  config_.message = WriteMessage::kV2;
  feed_.Add({{{{"__name__", "family_3_bucket"}, {"le", "1"}}, kNow, 1}, {Series(1), kNow, 2}});
  const size_t before = receiver_.num_received();
  Start();
  AwaitReceived(before + 1);
  ASSERT_TRUE(SnappyUncompress(receiver_.received()[before].request.body, 1 << 20, &text).ok());
  auto reader_v2 = http::WriteRequestV2Reader::Open(text);
  ASSERT_TRUE(reader_v2.ok());
  http::WrittenSeriesV2 series;
  EXPECT_TRUE(*reader_v2->Next(series) && series.has_metadata && series.metadata_error.ok());
  EXPECT_TRUE(*reader_v2->Next(series) && !series.has_metadata);
  EXPECT_THAT(text, ::testing::AllOf(HasSubstr("help 3"), HasSubstr("bytes")));
}

TEST_F(WriteQueueTest, WhatTheJournalLostIsCounted) {
  for (int i = 0; i < 10; ++i) feed_.Add({{Series(i), kNow, 1}});
  feed_.DropBefore(5);
  feed_.ForgetSeries(Series(7));
  Start();
  queue_->Stop(kMaxTimestamp, /*flush=*/true);
  EXPECT_EQ(Taken().size(), 5u);
  EXPECT_EQ(Metric("tidemark_remote_storage_journal_batches_lost_total"), 4);
  EXPECT_EQ(
      Metric("prometheus_remote_storage_samples_dropped_total{reason=\"unintentionally_dropped"),
      1);
}

TEST_F(WriteQueueTest, StopDoesNotWaitForAReceiverThatFails) {
  receiver_.AnswerAll(500);
  feed_.Add({{Series(1), kNow, 1}});
  Start();
  AwaitReceived(1);
  Await([&] { return Samples("retried_total") > 0; });
  queue_->Stop(kMaxTimestamp, /*flush=*/true);
  queue_.reset();
  EXPECT_EQ(feed_.HeldBy("reader"), 1u);
  receiver_.AnswerAll(204);
  Start();
  queue_->Stop(kMaxTimestamp, /*flush=*/true);
  EXPECT_EQ(feed_.HeldBy("reader"), 2u);
}

}  // namespace
}  // namespace tidemark::remote
