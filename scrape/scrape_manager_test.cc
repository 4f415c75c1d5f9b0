#include "scrape/scrape_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/synchronization/notification.h"

#include "base/io/compression.h"
#include "base/io/file.h"
#include "base/model/staleness.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "scrape/discovery/file_discovery.h"
#include "scrape/loop/scrape_schedule.h"
#include "tests/testing/loopback_http_server.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::scrape {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::LoopbackHttpServer;
using testing::LoopbackReply;
using testing::LoopbackRequest;
using ::testing::Pair;
using ::testing::StartsWith;

// Any store, with a count of batches to wait for.
class CountingStore : public tsdb::Appendable {
 public:
  explicit CountingStore(tsdb::Appendable& store) : store_(store) {}

  std::unique_ptr<tsdb::Appender> NewAppender() override {
    return std::make_unique<CountingAppender>(*this, store_.NewAppender());
  }
  void WaitForCommits(int count) {
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return commits_ >= count; };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&reached));
  }
  int commits() {
    absl::MutexLock lock(&mu_);
    return commits_;
  }

 private:
  class CountingAppender : public tsdb::Appender {
   public:
    CountingAppender(CountingStore& store, std::unique_ptr<tsdb::Appender> appender)
        : store_(store), appender_(std::move(appender)) {}
    SeriesRef Find(const Hash128& raw_key) override { return appender_->Find(raw_key); }
    absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet& labels, const Hash128* key) override {
      return appender_->GetOrCreate(labels, key);
    }
    void Append(SeriesRef series, TimestampMs timestamp, double value) override {
      appender_->Append(series, timestamp, value);
    }
    void Append(SeriesRef series, TimestampMs timestamp, HistogramSample histogram) override {
      appender_->Append(series, timestamp, std::move(histogram));
    }
    void Append(SeriesRef series, TimestampMs timestamp, FloatHistogramSample histogram) override {
      appender_->Append(series, timestamp, std::move(histogram));
    }
    absl::StatusOr<tsdb::CommitResult> Commit(tsdb::CommitMode mode) override {
      auto result = appender_->Commit(mode);
      absl::MutexLock lock(&store_.mu_);
      ++store_.commits_;
      return result;
    }
    void Rollback() override { appender_->Rollback(); }

   private:
    CountingStore& store_;
    const std::unique_ptr<tsdb::Appender> appender_;
  };

  tsdb::Appendable& store_;
  absl::Mutex mu_;
  int commits_ ABSL_GUARDED_BY(mu_) = 0;
};

int64_t NumLines(const std::string& path) {
  const std::string text = ReadFile(path).value_or("");
  return std::count(text.begin(), text.end(), '\n');
}

// A manager on a clock that stands still, and a server whose page the test writes.
class ScrapeManagerTest : public ::testing::Test {
 protected:
  static constexpr DurationMs kInterval = 10 * kSecond;

  ScrapeManagerTest() : server_([this](const LoopbackRequest& request) { return Reply(request); }) {
    SetPage("a 1\n");
  }

  LoopbackReply Reply(const LoopbackRequest&) {
    absl::MutexLock lock(&mu_);
    return reply_;
  }
  void SetReply(LoopbackReply reply) {
    absl::MutexLock lock(&mu_);
    reply_ = std::move(reply);
  }
  void SetPage(std::string page) {
    SetReply({.status = 200,
              .body = std::move(page),
              .headers = {{"Content-Type", "text/plain; version=0.0.4"}}});
  }

  ScrapeConfig Config(std::vector<std::string> addresses) {
    ScrapeConfig config;
    config.job_name = "x";
    config.interval = kInterval;
    config.static_configs = {{.addresses = std::move(addresses), .labels = {}}};
    return config;
  }
  void Apply(const ScrapeConfig& config) { manager_.ApplyConfigs({config}, {}); }

  // Moves the clock to the next scrape of the first target.
  TimestampMs NextScrape() {
    char host[256] = {};
    gethostname(host, sizeof(host) - 1);
    const TargetStatus target = manager_.ActiveTargets().at(0);
    const ScrapeSchedule schedule(target.interval, TargetHash(target.labels, target.url),
                                  ServerSeed(host, {}));
    clock_.Set(schedule.NextAfter(clock_.Now()));
    return clock_.Now();
  }
  // The same, and waits until the loop is ready for the one after.
  TimestampMs Scrape() {
    const int before = store_.commits();
    const TimestampMs time = NextScrape();
    WaitForBatches(before + 1);
    return time;
  }
  // Waits until that many batches are stored, and for what their scrapes do after that.
  void WaitForBatches(int count) {
    store_.WaitForCommits(count);
    absl::Notification behind;
    pool_.Submit([&] { behind.Notify(); });
    behind.WaitForNotification();
  }
  // The status of the only target once scrapes have ended.
  TargetStatus StopAndStatus() {
    manager_.Stop();
    return manager_.ActiveTargets().at(0);
  }

  LabelSet Series(std::string_view name) {
    return {{"__name__", name}, {"job", "x"}, {"instance", server_.address()}};
  }
  std::vector<std::pair<TimestampMs, std::string>> Samples(std::string_view name) {
    std::vector<std::pair<TimestampMs, std::string>> out;
    for (const Sample& s : memory_.Samples(Series(name))) {
      out.emplace_back(s.timestamp, IsStaleMarker(s.value) ? "stale" : StrCat(s.value));
    }
    return out;
  }

  FakeClock clock_{1'700'000'000'000};
  testing::MemoryStore memory_;
  CountingStore store_{memory_};
  MetricRegistry registry_;
  absl::Mutex mu_;
  LoopbackReply reply_ ABSL_GUARDED_BY(mu_);
  LoopbackHttpServer server_;
  HttpClient client_;
  ThreadPool pool_{1};  // so that tasks end in the order they came
  ScrapeManager manager_{store_, client_, pool_, clock_, registry_};
};

using Seen = std::pair<TimestampMs, std::string>;

TEST_F(ScrapeManagerTest, ScrapesOnSchedule) {
  Apply(Config({server_.address()}));
  EXPECT_EQ(manager_.ActiveTargets().at(0).health, TargetHealth::kUnknown);
  const TimestampMs first = Scrape();
  SetPage("a 2\n");
  const TimestampMs second = Scrape();
  EXPECT_EQ(second, first + kInterval);
  EXPECT_THAT(Samples("a"), ElementsAre(Seen{first, "1"}, Seen{second, "2"}));
  EXPECT_THAT(Samples("up"), ElementsAre(Seen{first, "1"}, Seen{second, "1"}));

  const LoopbackRequest request = server_.requests().at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/metrics");
  EXPECT_THAT(request.headers.at("accept"), HasSubstr("text/plain;version=1.0.0;"));
  EXPECT_EQ(request.headers.at("x-prometheus-scrape-timeout-seconds"), "10");

  const TargetStatus status = StopAndStatus();
  EXPECT_EQ(status.health, TargetHealth::kUp);
  EXPECT_EQ(status.last_error, "");
  EXPECT_EQ(status.last_scrape, second);
  EXPECT_EQ(status.scrape_pool, "x");
  EXPECT_EQ(status.url, server_.Url("/metrics"));
  EXPECT_EQ(status.labels, (LabelSet{{"job", "x"}, {"instance", server_.address()}}));
  EXPECT_EQ(status.discovered_labels.Get("__address__"), server_.address());
  EXPECT_EQ(status.interval, kInterval);
}

TEST_F(ScrapeManagerTest, FirstScrapeWaitsForItsMoment) {
  Apply(Config({server_.address()}));
  NextScrape();
  store_.WaitForCommits(1);
  EXPECT_EQ(server_.requests().size(), 1u) << "and none at once";
}

TEST_F(ScrapeManagerTest, AScrapeMissedByARestartIsMadeAtOnce) {
  // The moment that the target is due, as the manager below will see it.
  Apply(Config({server_.address()}));
  const TimestampMs due = NextScrape();
  store_.WaitForCommits(1);
  ScrapeManager next(store_, client_, pool_, clock_, registry_);
  next.ResumeAfter(due + kInterval - 1);
  clock_.Set(due + kInterval + 100);
  next.ApplyConfigs({Config({server_.address()})}, {});
  store_.WaitForCommits(3);  // one by each manager more
  ScrapeManager late(store_, client_, pool_, clock_, registry_);
  late.ResumeAfter(due);  // an interval ago: there is a gap anyway
  late.ApplyConfigs({Config({server_.address()})}, {});
  next.Stop();
  late.Stop();
  EXPECT_EQ(server_.requests().size(), 3u);
}

TEST_F(ScrapeManagerTest, SaysWhyATargetIsDown) {
  struct Case {
    std::string_view name;
    LoopbackReply reply;
    size_t body_size_limit;
    std::string error;
  };
  const std::vector<std::pair<std::string, std::string>> text = {{"Content-Type", "text/plain"}};
  const Case kCases[] = {
      {"status",
       {.status = 500, .body = "no", .headers = text},
       0,
       "server returned HTTP status 500 Internal Server Error"},
      {"type",
       {.status = 200, .body = "a 1\n", .headers = {{"Content-Type", "image/png"}}},
       0,
       "received unsupported Content-Type \"image/png\" and no fallback_scrape_protocol "
       "specified for target"},
      {"page",
       {.status = 200, .body = "a 1\nb b\n", .headers = text},
       0,
       "line 2: invalid float, got \"b\" while parsing \"b b\""},
      {"size", {.status = 200, .body = "a 1\n", .headers = text}, 4, "body size limit exceeded"},
      {"broken",
       {.status = 200, .body = "a 1\n", .headers = text, .manner = LoopbackReply::Manner::kClose},
       0,
       StrCat("Get \"", server_.Url("/metrics"), "\": EOF")},
  };
  for (const Case& c : kCases) {
    SetReply(c.reply);
    testing::MemoryStore memory;
    CountingStore store(memory);
    ScrapeManager manager(store, client_, pool_, clock_, registry_);
    ScrapeConfig config = Config({server_.address()});
    config.body_size_limit = c.body_size_limit;
    manager.ApplyConfigs({config}, {});
    clock_.Advance(kInterval);
    store.WaitForCommits(1);
    manager.Stop();
    const TargetStatus status = manager.ActiveTargets().at(0);
    EXPECT_EQ(status.last_error, c.error) << c.name;
    EXPECT_EQ(status.health, TargetHealth::kDown) << c.name;
    ASSERT_EQ(memory.Samples(Series("up")).size(), 1u) << c.name;
    EXPECT_EQ(memory.Samples(Series("up"))[0].value, 0) << c.name;
    EXPECT_THAT(memory.Samples(Series("a")), IsEmpty()) << c.name;
  }
}

TEST_F(ScrapeManagerTest, TargetThatNobodyListensAt) {
  const std::string address = testing::UnusedLoopbackAddress();
  Apply(Config({address}));
  Scrape();
  EXPECT_THAT(StopAndStatus().last_error, HasSubstr("connect: connection refused"));
}

TEST_F(ScrapeManagerTest, ReloadLeavesUnchangedTargetsAlone) {
  Apply(Config({server_.address()}));
  const TimestampMs first = Scrape();
  ScrapeConfig config = Config({server_.address(), testing::UnusedLoopbackAddress()});
  config.sample_limit = 100;
  Apply(config);
  EXPECT_EQ(manager_.ActiveTargets().size(), 2u);
  EXPECT_EQ(manager_.ActiveTargets()[0].last_scrape, first) << "the same loop";
  EXPECT_EQ(manager_.ActiveTargets()[1].last_scrape, 0);
  Apply(Config({server_.address()}));
  const TimestampMs second = Scrape();
  EXPECT_EQ(second, first + kInterval);
  EXPECT_THAT(Samples("a"), ElementsAre(Seen{first, "1"}, Seen{second, "1"}));
  EXPECT_THAT(Samples("scrape_series_added"), ElementsAre(Seen{first, "1"}, Seen{second, "0"}));
}

TEST_F(ScrapeManagerTest, ReloadWithOtherLabelRulesEndsOldSeries) {
  SetPage("a 1\nb 1\n");
  Apply(Config({server_.address()}));
  const TimestampMs first = Scrape();
  ScrapeConfig config = Config({server_.address()});
  RelabelRule drop;
  drop.action = RelabelAction::kDrop;
  drop.source_labels = {"__name__"};
  drop.regex = *AnchoredRegex::Create("b");
  config.metric_relabel_rules = {drop};
  Apply(config);
  const TimestampMs second = Scrape();
  EXPECT_THAT(Samples("a"), ElementsAre(Seen{first, "1"}, Seen{second, "1"}));
  EXPECT_THAT(Samples("b"), ElementsAre(Seen{first, "1"}, Seen{second, "stale"}));
}

TEST_F(ScrapeManagerTest, ReloadWithAnotherIntervalReschedules) {
  Apply(Config({server_.address()}));
  Scrape();
  ScrapeConfig config = Config({server_.address()});
  config.interval = kMinute;
  Apply(config);
  const TimestampMs second = Scrape();
  const TimestampMs third = Scrape();
  EXPECT_EQ(third, second + kMinute);
  EXPECT_EQ(server_.requests().size(), 3u);
}

TEST_F(ScrapeManagerTest, RemovedTargetEndsAfterTwoIntervals) {
  Apply(Config({server_.address()}));
  const TimestampMs first = Scrape();
  Apply(Config({}));
  EXPECT_THAT(manager_.ActiveTargets(), IsEmpty());
  const TimestampMs missed = first + kInterval;
  clock_.Set(missed + kInterval + kInterval / 10 - 1);
  EXPECT_THAT(Samples("up"), ElementsAre(Seen{first, "1"}));
  clock_.Advance(1);
  store_.WaitForCommits(2);
  EXPECT_THAT(Samples("a"), ElementsAre(Seen{first, "1"}, Seen{missed, "stale"}));
  EXPECT_THAT(Samples("up"), ElementsAre(Seen{first, "1"}, Seen{missed, "stale"}));
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(ScrapeManagerTest, TargetThatComesBackDoesNotEnd) {
  Apply(Config({server_.address()}));
  const TimestampMs first = Scrape();
  Apply(Config({}));
  Apply(Config({server_.address()}));
  const TimestampMs second = Scrape();
  const TimestampMs third = Scrape();
  const TimestampMs fourth = Scrape();
  manager_.Stop();
  EXPECT_THAT(Samples("up"), ElementsAre(Seen{first, "1"}, Seen{second, "1"}, Seen{third, "1"},
                                         Seen{fourth, "1"}));
}

TEST_F(ScrapeManagerTest, StopWritesNoMarkers) {
  Apply(Config({server_.address()}));
  const TimestampMs first = Scrape();
  manager_.Stop();
  manager_.Stop();
  clock_.Advance(kHour);
  EXPECT_THAT(Samples("a"), ElementsAre(Seen{first, "1"}));
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(ScrapeManagerTest, StopDoesNotWaitForATargetThatHangs) {
  SetReply({.status = 200, .body = "", .manner = LoopbackReply::Manner::kNoReply});
  Apply(Config({server_.address()}));
  NextScrape();
  server_.WaitForRequests(1);
  manager_.Stop();
  EXPECT_EQ(store_.commits(), 0);
}

TEST_F(ScrapeManagerTest, MomentsDuringAScrapeArePassedOver) {
  SetReply({.status = 200, .body = "", .manner = LoopbackReply::Manner::kNoReply});
  // The other target fails at once. Its third scrape comes after the second moment of the first.
  Apply(Config({server_.address(), testing::UnusedLoopbackAddress()}));
  for (int scrapes = 1; scrapes <= 3; ++scrapes) {
    clock_.Advance(kInterval);
    WaitForBatches(scrapes);
  }
  server_.WaitForRequests(1);
  manager_.Stop();
  EXPECT_EQ(server_.requests().size(), 1u);
  EXPECT_EQ(store_.commits(), 3);
}

TEST_F(ScrapeManagerTest, TargetThatIsTooSlow) {
  SetReply({.status = 200, .body = "", .manner = LoopbackReply::Manner::kNoReply});
  ScrapeConfig config = Config({server_.address()});
  config.timeout = 50;  // of real time: the client does not know the clock
  Apply(config);
  Scrape();
  EXPECT_EQ(StopAndStatus().last_error,
            StrCat("Get \"", server_.Url("/metrics"), "\": context deadline exceeded"));
}

TEST_F(ScrapeManagerTest, TargetsThatMisbehaveDoNotDelayOthers) {
  using Manner = LoopbackReply::Manner;
  std::string bomb;
  GzipCompress(std::string(64 << 20, '\n'), &bomb);
  const std::string line(1000, 'x');
  const std::vector<LoopbackReply> replies = {
      {200, "", {}, Manner::kNoReply},
      {200, line, {}, Manner::kHalfThenHang},
      {200, line, {}, Manner::kEndless},
      {200, bomb, {{"Content-Encoding", "gzip"}}, Manner::kWhole},
      {200, line, {}, Manner::kClose},
  };
  constexpr int kHanging = 2;  // the first two never end; one more refuses connections
  std::vector<std::unique_ptr<LoopbackHttpServer>> others;
  std::vector<std::string> addresses = {server_.address(), testing::UnusedLoopbackAddress()};
  for (const LoopbackReply& reply : replies) {
    others.push_back(
        std::make_unique<LoopbackHttpServer>([&reply](const LoopbackRequest&) { return reply; }));
    addresses.push_back(others.back()->address());
  }
  ScrapeConfig config = Config(addresses);
  config.interval = config.timeout = kHour;  // of real time, too
  config.body_size_limit = 1 << 20;
  Apply(config);
  constexpr int kRounds = 3;
  for (int round = 1; round <= kRounds; ++round) {
    clock_.Advance(config.interval);
    for (int i = 0; i < kHanging; ++i) others[i]->WaitForRequests(1);
    WaitForBatches(round * static_cast<int>(addresses.size() - kHanging));
  }
  manager_.Stop();
  EXPECT_EQ(Samples("up").size(), static_cast<size_t>(kRounds));
  EXPECT_EQ(server_.requests().size(), static_cast<size_t>(kRounds));
  for (int i = 0; i < kHanging; ++i) EXPECT_EQ(others[i]->requests().size(), 1u);
  const std::vector<TargetStatus> targets = manager_.ActiveTargets();
  EXPECT_EQ(targets[0].health, TargetHealth::kUp);
  EXPECT_THAT(targets[1].last_error, HasSubstr("connection refused"));
  EXPECT_EQ(targets[4].last_error, "body size limit exceeded");
  EXPECT_EQ(targets[5].last_error, "body size limit exceeded");
  EXPECT_THAT(targets[6].last_error, EndsWith("EOF"));
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("prometheus_target_scrapes_exceeded_body_size_limit_total 6"));
}

TEST_F(ScrapeManagerTest, TargetLimitFailsAllTargetsOfThePool) {
  ScrapeConfig config = Config({server_.address(), testing::UnusedLoopbackAddress()});
  config.target_limit = 1;
  Apply(config);
  clock_.Advance(kInterval);
  store_.WaitForCommits(2);
  manager_.Stop();
  for (const TargetStatus& target : manager_.ActiveTargets()) {
    EXPECT_EQ(target.last_error, "target_limit exceeded (number of targets: 2, limit: 1)");
  }
  EXPECT_EQ(server_.requests().size(), 0u) << "nothing is fetched";
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("prometheus_target_scrape_pool_exceeded_target_limit_total 1"));
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("prometheus_target_scrapes_exceeded_body_size_limit_total 0"));
}

TEST_F(ScrapeManagerTest, DroppedInvalidAndEqualTargets) {
  ScrapeConfig config = Config({server_.address(), server_.address(), "a/b", "gone:1"});
  RelabelRule drop;
  drop.action = RelabelAction::kDrop;
  drop.source_labels = {"__address__"};
  drop.regex = *AnchoredRegex::Create("gone:.*");
  config.relabel_rules = {drop};
  Apply(config);
  EXPECT_EQ(manager_.ActiveTargets().size(), 1u);
  const auto dropped = manager_.DroppedTargets();
  ASSERT_EQ(dropped.size(), 1u);
  EXPECT_EQ(dropped[0].discovered_labels.Get("__address__"), "gone:1");
  EXPECT_EQ(dropped[0].scrape_pool, "x");
  EXPECT_THAT(manager_.DroppedTargetCounts(), ElementsAre(Pair("x", 1u)));
  EXPECT_THAT(registry_.Expose(), HasSubstr("prometheus_target_sync_failed_total 1"));
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("prometheus_target_scrape_pool_targets{scrape_job=\"x\"} 1"));
}

TEST_F(ScrapeManagerTest, KeepsSoManyDroppedTargets) {
  ScrapeConfig config = Config({"a:1", "b:1", "c:1"});
  RelabelRule drop;
  drop.action = RelabelAction::kDrop;
  config.relabel_rules = {drop};
  for (const size_t kept : {2u, 0u}) {  // 0: all
    config.keep_dropped_targets = kept;
    Apply(config);
    EXPECT_EQ(manager_.DroppedTargets().size(), kept == 0 ? 3u : kept);
    EXPECT_THAT(manager_.DroppedTargetCounts(), ElementsAre(Pair("x", 3u)));
  }
}

TEST_F(ScrapeManagerTest, RequestsThatFailAreLogged) {
  testing::TempDirectory directory;
  const std::string path = directory.path() + "/failures.log", rotated = path + ".1";
  SetReply({.status = 404, .body = ""});
  ScrapeConfig config = Config({server_.address()});
  config.failure_log_file = path;
  Apply(config);
  Scrape();
  SetPage("a nonsense\n");  // Prometheus does not log these
  Scrape();
  const std::string line = StrCat(
      "\"level\":\"ERROR\",\"msg\":\"server returned HTTP status 404 Not Found\","
      "\"job_name\":\"x\",\"target\":\"",
      server_.Url("/metrics"), "\"}\n");
  EXPECT_THAT(*ReadFile(path), AllOf(StartsWith("{\"time\":\"2023-11-14T22:13:"), EndsWith(line)));
  EXPECT_EQ(NumLines(path), 1);

  std::filesystem::rename(path, rotated);
  Apply(config);  // a reload
  SetReply({.status = 500, .body = ""});
  Scrape();
  EXPECT_THAT(*ReadFile(path), HasSubstr("500 Internal Server Error"));
  config.failure_log_file = "";
  Apply(config);
  Scrape();
  EXPECT_EQ(NumLines(path), 1);
}

TEST_F(ScrapeManagerTest, DiscoveredTargetsComeAndGoBesideThoseThatStay) {
  testing::TempDirectory directory;
  const std::string path = StrCat(directory.path(), "/targets.json");
  const auto write = [&](const std::string& addresses) {
    ASSERT_TRUE(WriteFileAtomically(path, StrCat(R"([{"targets":[)", addresses, "]}]")).ok());
  };
  const auto wait_for_targets = [&](size_t count) {
    while (manager_.ActiveTargets().size() != count) clock_.Advance(kSecond);
  };
  const std::string known = StrCat("\"", server_.address(), "\"");
  write(known);
  ScrapeConfig config = Config({});
  auto discovery = std::make_shared<FileDiscovery>();
  discovery->patterns = {path};
  config.discovery = {discovery};
  Apply(config);
  wait_for_targets(1);
  Scrape();
  const TimestampMs last_scrape = manager_.ActiveTargets()[0].last_scrape;
  EXPECT_EQ(manager_.ActiveTargets()[0].discovered_labels.Get("__meta_filepath"), path);

  write(StrCat(known, ",\"", testing::UnusedLoopbackAddress(), "\""));
  wait_for_targets(2);
  EXPECT_GE(manager_.ActiveTargets()[0].last_scrape, last_scrape);
  Apply(config);  // nothing is lost until the file is read again: it goes on being watched
  EXPECT_EQ(manager_.ActiveTargets().size(), 2);
  write("");
  wait_for_targets(0);
}

TEST_F(ScrapeManagerTest, PoolsComeInTheOrderOfTheConfiguration) {
  ScrapeConfig x = Config({"x:1"});
  ScrapeConfig y = Config({"y:1", "y:0"});
  y.job_name = "y";
  const auto urls = [&] {
    std::vector<std::string> out;
    for (const TargetStatus& target : manager_.ActiveTargets()) out.push_back(target.url);
    return out;
  };
  manager_.ApplyConfigs({x, y}, {});
  EXPECT_THAT(urls(),
              ElementsAre("http://x:1/metrics", "http://y:1/metrics", "http://y:0/metrics"));
  manager_.ApplyConfigs({y, x}, {});
  EXPECT_THAT(urls(),
              ElementsAre("http://y:1/metrics", "http://y:0/metrics", "http://x:1/metrics"));
  manager_.ApplyConfigs({}, {});
  EXPECT_THAT(urls(), IsEmpty());
}

// A store that keeps nothing.
class NullStore : public tsdb::Appendable {
 public:
  std::unique_ptr<tsdb::Appender> NewAppender() override { return std::make_unique<Null>(); }

 private:
  class Null : public tsdb::Appender {
   public:
    SeriesRef Find(const Hash128&) override { return kNoSeries; }
    absl::StatusOr<SeriesRef> GetOrCreate(const LabelSet&, const Hash128*) override {
      return SeriesRef{1};
    }
    void Append(SeriesRef, TimestampMs, double) override {}
    void Append(SeriesRef, TimestampMs, HistogramSample) override {}
    void Append(SeriesRef, TimestampMs, FloatHistogramSample) override {}
    absl::StatusOr<tsdb::CommitResult> Commit(tsdb::CommitMode) override {
      return tsdb::CommitResult();
    }
    void Rollback() override {}
  };
};

TEST_F(ScrapeManagerTest, TenThousandTargetsNeedNoThreadEach) {
  constexpr int kTargets = 10'000;
  NullStore null;
  CountingStore store(null);
  ScrapeManager manager(store, client_, pool_, clock_, registry_);
  ScrapeConfig config = Config({});
  const std::string nobody = testing::UnusedLoopbackAddress();
  for (int i = 0; i < kTargets; ++i) {
    config.static_configs.push_back({{nobody}, {{"n", StrCat(i)}}});
  }
  manager.ApplyConfigs({config}, {});
  for (int step = 0; step < 10; ++step) {
    clock_.Advance(kInterval / 10);
  }
  store.WaitForCommits(kTargets);
  manager.Stop();
  int down = 0;
  for (const TargetStatus& target : manager.ActiveTargets()) {
    down += target.health == TargetHealth::kDown ? 1 : 0;
  }
  EXPECT_EQ(down, kTargets);
}

}  // namespace
}  // namespace tidemark::scrape
