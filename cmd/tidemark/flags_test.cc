#include "cmd/tidemark/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace tidemark::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Flags Parse(const std::vector<std::string>& arguments) {
  const absl::StatusOr<CommandLine> line = ParseFlags(arguments);
  EXPECT_TRUE(line.ok()) << line.status();
  return line.ok() ? line->flags : Flags();
}

TEST(FlagsTest, Defaults) {
  const Flags flags = Parse({});
  EXPECT_EQ(flags.config_file, "prometheus.yml");
  EXPECT_THAT(flags.listen_addresses, ElementsAre("0.0.0.0:9090"));
  EXPECT_EQ(flags.storage_path, "data/");
  EXPECT_EQ(flags.retention, 15 * kDay);
  EXPECT_FALSE(flags.retention_given);
  EXPECT_THAT(flags.warnings, IsEmpty());
  EXPECT_THAT(flags.all, Contains(Pair("web.listen-address", "0.0.0.0:9090")));
  EXPECT_THAT(flags.all, Contains(Pair("storage.tsdb.retention.time", "15d")));
  EXPECT_THAT(flags.all, Contains(Pair("web.enable-lifecycle", "false")));
  EXPECT_THAT(flags.all, Contains(Pair("auto-gomaxprocs", "true")));
  EXPECT_THAT(flags.all, Contains(Pair("query.max-samples", "50000000")));
}

TEST(FlagsTest, AnAgentHasItsOwn) {
  const Flags agent =
      Parse({"--agent", "--storage.agent.path=a", "--storage.tsdb.journal-fsync=batch"});
  EXPECT_TRUE(agent.is_agent);
  EXPECT_EQ(agent.storage_path, "a");
  EXPECT_EQ(agent.fsync, tsdb::FsyncPolicy::kEveryBatch);
  const auto mistaken = ParseFlags({"--agent", "--storage.tsdb.path=a", "--query.timeout=1m"});
  EXPECT_EQ(mistaken.status(),
            absl::FailedPreconditionError("The following flag(s) can not be used in agent mode: "
                                          "[\"--query.timeout\" \"--storage.tsdb.path\"]"));
  EXPECT_EQ(ParseFlags({"--storage.agent.path=a"}).status(),
            absl::FailedPreconditionError("The following flag(s) can only be used in agent mode: "
                                          "[\"--storage.agent.path\"]"));
}

TEST(FlagsTest, EveryFormOfAFlag) {
  EXPECT_EQ(Parse({"--config.file=a=b.yml"}).config_file, "a=b.yml");
  EXPECT_EQ(Parse({"--config.file", "a.yml"}).config_file, "a.yml");
  EXPECT_EQ(Parse({"--web.external-url="}).external_url, "");
  EXPECT_TRUE(Parse({"--web.enable-lifecycle"}).enable_lifecycle);
  EXPECT_TRUE(Parse({"--web.enable-lifecycle=true"}).enable_lifecycle);
  EXPECT_FALSE(Parse({"--no-web.enable-lifecycle"}).enable_lifecycle);
  EXPECT_FALSE(
      Parse({"--no-alertmanager.drain-notification-queue-on-shutdown"}).drain_notifications);
  EXPECT_THAT(
      Parse({"--web.listen-address=:1", "--web.listen-address", "[::1]:2"}).listen_addresses,
      ElementsAre(":1", "[::1]:2"));
  EXPECT_THAT(Parse({"--web.remote-write-receiver.accepted-protobuf-messages",
                     "io.prometheus.write.v2.Request"})
                  .accepted_write_messages,
              ElementsAre("io.prometheus.write.v2.Request"));
}

TEST(FlagsTest, Values) {
  const Flags flags =
      Parse({"--storage.tsdb.retention.time=30d", "--query.timeout=90s", "--query.max-samples=7",
             "--storage.tsdb.journal-fsync=batch", "--rules.alert.resend-delay=5m",
             "--log.level=debug", "--log.format=json", "--storage.tsdb.retention.size=10GB",
             "--scrape.discovery-reload-interval=10s", "--no-scrape.adjust-timestamps",
             "--scrape.timestamp-tolerance=5ms", "--storage.tsdb.min-block-duration=5m",
             "--storage.tsdb.max-block-duration=1h", "--storage.remote.read-sample-limit=2e7",
             "--storage.remote.read-concurrent-limit=0"});
  EXPECT_EQ(flags.retention_bytes, uint64_t{10} << 30);
  EXPECT_EQ(flags.min_block_range, 5 * kMinute);
  EXPECT_EQ(flags.max_block_range, kHour);
  EXPECT_EQ(flags.retention, 30 * kDay);
  EXPECT_TRUE(flags.retention_given);
  EXPECT_EQ(flags.query_timeout, 90 * kSecond);
  EXPECT_EQ(flags.query_max_samples, 7u);
  EXPECT_EQ(flags.remote_read.sample_limit, 20'000'000u);
  EXPECT_EQ(flags.remote_read.concurrent_limit, 0u);
  EXPECT_EQ(flags.remote_read.max_bytes_in_frame, 1u << 20);
  EXPECT_EQ(flags.fsync, tsdb::FsyncPolicy::kEveryBatch);
  EXPECT_EQ(flags.resend_delay, 5 * kMinute);
  EXPECT_EQ(flags.log_level, "debug");
  EXPECT_EQ(flags.scrape.discovery_reload_interval, 10 * kSecond);
  EXPECT_FALSE(flags.scrape.adjust_timestamps);
  EXPECT_EQ(flags.scrape.timestamp_tolerance, 5);
  EXPECT_THAT(flags.all, Contains(Pair("query.timeout", "1m30s")));
}

TEST(FlagsTest, Refuses) {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view reason;
  };
  const Case cases[] = {
      {{"--web.no-such-flag"}, "--web.no-such-flag"},
      {{"--web.no-such-flag=1"}, "--web.no-such-flag"},
      {{"argument"}, "argument"},
      {{"--config.file"}, "--config.file"},
      {{"--config.file=a", "--config.file=b"}, "--config.file"},
      {{"--query.timeout=5"}, "not a valid duration string: \"5\""},
      {{"--query.timeout=0s"}, "--query.timeout must be greater than zero"},
      {{"--query.max-samples=many"}, "--query.max-samples"},
      {{"--query.max-samples=-1"}, "--query.max-samples"},
      {{"--query.max-samples=1.5"}, "--query.max-samples"},
      {{"--query.max-samples=1e30"}, "--query.max-samples"},
      {{"--query.max-concurrency=0"}, "--query.max-concurrency"},
      {{"--log.level=loud"}, "--log.level"},
      {{"--log.format=xml"}, "--log.format"},
      {{"--storage.tsdb.journal-fsync=sometimes"}, "--storage.tsdb.journal-fsync"},
      {{"--storage.tsdb.retention.size=10"}, "\"10\" is not a size"},
      {{"--storage.tsdb.max-block-duration=1h"}, "--storage.tsdb.min-block-duration must be"},
      {{"--web.enable-lifecycle=maybe"}, "--web.enable-lifecycle"},
      {{"--web.remote-write-receiver.accepted-protobuf-messages=prometheus.Write"},
       "unknown remote write protobuf message prometheus.Write, supported: "},
      {{"-x"}, "-x"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<CommandLine> line = ParseFlags(c.arguments);
    EXPECT_EQ(line.status().code(), absl::StatusCode::kInvalidArgument) << c.arguments[0];
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(std::string(c.reason)));
  }
}

TEST(FlagsTest, WhatHasNoEffectIsWarnedAbout) {
  EXPECT_THAT(Parse({"--storage.tsdb.samples-per-chunk=60"}).warnings,
              ElementsAre("--storage.tsdb.samples-per-chunk has no effect in Tidemark"));
  EXPECT_THAT(Parse({"--no-auto-gomaxprocs"}).warnings,
              ElementsAre("--auto-gomaxprocs has no effect in Tidemark"));
  EXPECT_THAT(Parse({"--web.console.templates=consoles"}).warnings, IsEmpty());
}

TEST(FlagsTest, Features) {
  const Flags flags = Parse({"--enable-feature=promql-experimental-functions,exemplar-storage",
                             "--enable-feature=promql-binop-fill-modifiers",
                             "--enable-feature=promql-delayed-name-removal",
                             "--enable-feature=created-timestamp-zero-ingestion",
                             "--enable-feature=promql-at-modifier,,no-such-thing"});
  EXPECT_TRUE(flags.features.parser.experimental_functions);
  EXPECT_TRUE(flags.features.parser.binop_fill_modifiers);
  EXPECT_TRUE(flags.features.delayed_name_removal);
  EXPECT_TRUE(flags.features.created_zero_samples);
  EXPECT_TRUE(flags.features.exemplar_storage);
  EXPECT_FALSE(flags.scrape.extra_metrics);
  EXPECT_TRUE(Parse({"--enable-feature=extra-scrape-metrics"}).scrape.extra_metrics);
  EXPECT_FALSE(flags.features.parser.extended_range_selectors);
  EXPECT_TRUE(Parse({"--enable-feature=otlp-deltatocumulative"}).features.otlp_adds_deltas_up);
  EXPECT_TRUE(Parse({"--enable-feature=otlp-native-delta-ingestion"}).features.otlp_stores_deltas);
  EXPECT_THAT(flags.warnings,
              ElementsAre("--enable-feature=promql-at-modifier has no effect, it is always on",
                          "Unknown option for --enable-feature: no-such-thing"));
}

TEST(FlagsTest, HelpAndVersion) {
  const absl::StatusOr<CommandLine> help = ParseFlags({"--help"});
  ASSERT_TRUE(help.ok());
  EXPECT_THAT(help->text, HasSubstr("--storage.tsdb.retention.time"));
  const absl::StatusOr<CommandLine> version = ParseFlags({"--version"});
  ASSERT_TRUE(version.ok());
  EXPECT_THAT(version->text, HasSubstr("tidemark, version "));
}

}  // namespace
}  // namespace tidemark::server
