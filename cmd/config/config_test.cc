#include "cmd/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/io/path_pattern.h"
#include "base/strings.h"
#include "scrape/discovery/dns_discovery.h"
#include "scrape/discovery/file_discovery.h"
#include "scrape/discovery/http_discovery.h"

namespace tidemark::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

constexpr char kPath[] = "/etc/tidemark/a.yml";

Config Parse(std::string_view text) {
  absl::StatusOr<Config> config = ParseConfig(text, kPath);
  EXPECT_TRUE(config.ok()) << config.status() << "\n" << text;
  return config.ok() ? *std::move(config) : Config();
}

TEST(ConfigTest, AnEmptyFileIsAllDefaults) {
  const Config config = Parse("");
  EXPECT_EQ(config.global.scrape_interval, kMinute);
  EXPECT_EQ(config.global.scrape_timeout, 10 * kSecond);
  EXPECT_EQ(config.global.evaluation_interval, kMinute);
  EXPECT_THAT(config.scrape_configs, IsEmpty());
  EXPECT_EQ(config.retention, std::nullopt);
  EXPECT_EQ(config.out_of_order_window, std::nullopt);
}

TEST(ConfigTest, ReadsEverySection) {
  const Config config = Parse(R"(
scrape_configs:
- job_name: api
  scrape_timeout: 4s
  metrics_path: /m
  scheme: https
  params: {match: [a, b]}
  honor_labels: true
  honor_timestamps: false
  sample_limit: 5
  body_size_limit: 1MB
  fallback_scrape_protocol: PrometheusText0.0.4
  static_configs:
  - targets: ['a:80', 'b:80']
    labels: {env: prod}
  relabel_configs:
  - {source_labels: [__address__], regex: '(.*):\d+', target_label: host}
  metric_relabel_configs:
  - {action: Drop, source_labels: [__name__], regex: go_.*}
- job_name: defaults
global:
  scrape_interval: 15s
  scrape_timeout: 8s
  evaluation_interval: 30s
  rule_query_offset: 5s
  external_labels: {region: eu}
  label_limit: 64
rule_files: [rules/*.yml, /abs/a.yml]
alerting:
  alert_relabel_configs:
  - {action: labeldrop, regex: replica}
  alertmanagers:
  - scheme: https
    path_prefix: /am/
    timeout: 3s
    static_configs:
    - targets: [one:9093, two:9093]
    relabel_configs:
    - {action: drop, source_labels: [__address__], regex: two.*}
  webhook_configs:
  - {url: 'http://hook/x', send_resolved: false, max_alerts: 7}
storage:
  tsdb:
    out_of_order_time_window: 30m
    retention: {time: 30d, size: 10GB}
runtime: {gogc: 50}
)");
  EXPECT_EQ(config.global.evaluation_interval, 30 * kSecond);
  EXPECT_EQ(config.global.rule_query_offset, 5 * kSecond);
  EXPECT_EQ(config.global.external_labels, (LabelSet{{"region", "eu"}}));

  ASSERT_EQ(config.scrape_configs.size(), 2u);
  const scrape::ScrapeConfig& api = config.scrape_configs[0];
  EXPECT_EQ(api.interval, 15 * kSecond);
  EXPECT_EQ(api.timeout, 4 * kSecond);
  EXPECT_EQ(api.metrics_path, "/m");
  EXPECT_EQ(api.scheme, "https");
  EXPECT_THAT(api.params, ElementsAre(Pair("match", "a"), Pair("match", "b")));
  EXPECT_TRUE(api.honor_labels);
  EXPECT_FALSE(api.honor_timestamps);
  EXPECT_EQ(api.sample_limit, 5u);
  EXPECT_EQ(api.body_size_limit, 1u << 20);
  EXPECT_EQ(api.label_limit, 64u);
  EXPECT_EQ(api.fallback_scrape_protocol, "PrometheusText0.0.4");
  ASSERT_EQ(api.static_configs.size(), 1u);
  EXPECT_THAT(api.static_configs[0].addresses, ElementsAre("a:80", "b:80"));
  EXPECT_EQ(api.static_configs[0].labels, (LabelSet{{"env", "prod"}}));
  ASSERT_EQ(api.relabel_rules.size(), 1u);
  EXPECT_EQ(api.relabel_rules[0].regex.pattern(), "(.*):\\d+");
  ASSERT_EQ(api.metric_relabel_rules.size(), 1u);
  EXPECT_EQ(api.metric_relabel_rules[0].action, RelabelAction::kDrop);
  EXPECT_EQ(config.scrape_configs[1].timeout, 8 * kSecond);
  EXPECT_EQ(config.scrape_configs[1].metrics_path, "/metrics");

  EXPECT_THAT(config.rule_patterns, ElementsAre("/etc/tidemark/rules/*.yml", "/abs/a.yml"));
  ASSERT_EQ(config.notifier.alertmanagers.size(), 1u);
  EXPECT_EQ(config.notifier.alertmanagers[0].url, "https://one:9093/am");
  EXPECT_EQ(config.notifier.alertmanagers[0].timeout, 3 * kSecond);
  EXPECT_EQ(config.notifier.alert_relabel_rules.size(), 1u);
  EXPECT_EQ(config.notifier.external_labels, config.global.external_labels);
  ASSERT_EQ(config.notifier.webhooks.size(), 1u);
  EXPECT_EQ(config.notifier.webhooks[0].url, "http://hook/x");
  EXPECT_FALSE(config.notifier.webhooks[0].send_resolved);
  EXPECT_EQ(config.notifier.webhooks[0].max_alerts, 7u);
  EXPECT_EQ(config.out_of_order_window, 30 * kMinute);
  EXPECT_EQ(config.retention, 30 * kDay);
  EXPECT_EQ(config.retention_bytes, uint64_t{10} << 30);
}

TEST(ConfigTest, TimeoutsFollowIntervals) {
  struct Case {
    std::string_view text;
    DurationMs interval, timeout;
  };
  constexpr Case kCases[] = {
      {"scrape_configs: [{job_name: a}]", kMinute, 10 * kSecond},
      {"global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a}]", 5 * kSecond, 5 * kSecond},
      {"scrape_configs: [{job_name: a, scrape_interval: 5s}]", 5 * kSecond, 5 * kSecond},
      {"global: {scrape_timeout: 20s}\nscrape_configs: [{job_name: a, scrape_interval: 15s}]",
       15 * kSecond, 15 * kSecond},
      {"scrape_configs: [{job_name: a, scrape_interval: 2m, scrape_timeout: 2m}]", 2 * kMinute,
       2 * kMinute},
      {"scrape_configs: [{job_name: a, scrape_interval: 0s}]", kMinute, 10 * kSecond},
  };
  for (const Case& c : kCases) {
    const Config config = Parse(c.text);
    ASSERT_EQ(config.scrape_configs.size(), 1u);
    EXPECT_EQ(config.scrape_configs[0].interval, c.interval) << c.text;
    EXPECT_EQ(config.scrape_configs[0].timeout, c.timeout) << c.text;
  }
}

TEST(ConfigTest, ReadsHttpClientSettings) {
  const Config config = Parse(R"(
scrape_configs:
- job_name: basic
  basic_auth: {username: u, password: p}
  tls_config: {ca_file: ca.pem, cert_file: c.pem, key_file: /k.pem, server_name: n, insecure_skip_verify: true}
  proxy_url: http://proxy:3128
  follow_redirects: false
  enable_http2: false
  http_headers: {X-Scope: {values: [a], secrets: [b]}}
- job_name: bearer
  authorization: {credentials: token}
- job_name: typed
  authorization: {type: Token, credentials: t}
- job_name: old
  bearer_token: old
)");
  ASSERT_EQ(config.scrape_configs.size(), 4u);
  const HttpClientOptions& basic = config.scrape_configs[0].http;
  EXPECT_EQ(basic.username, "u");
  EXPECT_EQ(basic.password, "p");
  EXPECT_EQ(basic.tls.ca_file, "/etc/tidemark/ca.pem");
  EXPECT_EQ(basic.tls.key_file, "/k.pem");
  EXPECT_EQ(basic.tls.server_name, "n");
  EXPECT_TRUE(basic.tls.insecure_skip_verify);
  EXPECT_EQ(basic.proxy.url, "http://proxy:3128");
  EXPECT_FALSE(basic.follow_redirects);
  EXPECT_FALSE(basic.enable_http2);
  EXPECT_THAT(basic.headers, ElementsAre(Pair("X-Scope", "a"), Pair("X-Scope", "b")));
  EXPECT_EQ(config.scrape_configs[1].http.authorization_type, "Bearer");
  EXPECT_EQ(config.scrape_configs[1].http.authorization_credentials, "token");
  EXPECT_EQ(config.scrape_configs[2].http.authorization_type, "Token");
  EXPECT_EQ(config.scrape_configs[3].http.authorization_credentials, "old");
}

TEST(ConfigTest, EveryUserOfAnHttpClientHasAllItsSettings) {
  constexpr std::string_view kBlock = R"({
    oauth2: {client_id: i, client_secret_file: s, scopes: [a, b], token_url: 'http://t', endpoint_params: {x: y},
             tls_config: {ca: pem}, proxy_url: 'http://p'},
    tls_config: {ca_file: ca, cert: c, key_file: k, min_version: TLS11, max_version: TLS13},
    proxy_url: 'socks5://q', no_proxy: 'a, b', proxy_connect_header: {H: [v, w]},
    http_headers: {X: {files: [f]}})";
  HttpClientOptions want;
  want.oauth2 = {.client_id = "i",
                 .client_secret_file = "/etc/tidemark/s",
                 .token_url = "http://t",
                 .scopes = {"a", "b"},
                 .endpoint_params = {{"x", "y"}},
                 .tls = {.ca = "pem"},
                 .proxy = {.url = "http://p"}};
  want.tls = {.cert = "c",
              .ca_file = "/etc/tidemark/ca",
              .key_file = "/etc/tidemark/k",
              .min_version = TlsVersion::kTls11,
              .max_version = TlsVersion::kTls13};
  want.proxy = {
      .url = "socks5://q", .no_proxy = "a, b", .connect_headers = {{"H", "v"}, {"H", "w"}}};
  want.header_files = {{"X", "/etc/tidemark/f"}};
  const Config config =
      Parse(StrCat("scrape_configs: [", kBlock, ", job_name: a, http_sd_configs: [", kBlock,
                   ", url: 'http://s'}]}]\n", "alerting: {alertmanagers: [", kBlock,
                   ", static_configs: [{targets: ['a:1']}]}],\n",
                   "  webhook_configs: [{url: 'http://w', http_config: ", kBlock, "}}]}"));
  ASSERT_EQ(config.scrape_configs.size(), 1u);
  EXPECT_EQ(config.scrape_configs[0].http, want);
  EXPECT_EQ(
      dynamic_cast<const scrape::HttpDiscovery&>(*config.scrape_configs[0].discovery.at(0)).http,
      want);
  EXPECT_EQ(config.notifier.alertmanagers.at(0).http, want);
  EXPECT_EQ(config.notifier.webhooks.at(0).http, want);
  EXPECT_TRUE(Parse("scrape_configs: [{job_name: a, proxy_from_environment: true}]")
                  .scrape_configs[0]
                  .http.proxy.from_environment);
}

TEST(ConfigTest, AcceptsWhatChangesNothing) {
  Parse(R"(
global:
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: allow-utf-8
  scrape_protocols: [PrometheusProto, OpenMetricsText1.0.0, PrometheusText0.0.4]
  scrape_native_histograms: false
  query_log_file: ""
runtime: {gogc: 75}
remote_write: []
tracing:
storage: {exemplars: {max_exemplars: 10}, tsdb: {chunk_encoding: {floats: xor}, retention: {size: 0}}}
scrape_configs:
- job_name: a
  file_sd_configs: []
)");
}

TEST(ConfigTest, MaxExemplars) {
  struct Case {
    std::string_view text;
    size_t want;
  };
  constexpr Case kCases[] = {{"", 100'000},
                             {"storage: {exemplars: {}}", 100'000},
                             {"storage: {exemplars: {max_exemplars: 5}}", 5},
                             {"storage: {exemplars: {max_exemplars: 0}}", 0},
                             {"storage: {exemplars: {max_exemplars: -1}}", 0}};
  for (const Case& c : kCases) EXPECT_EQ(Parse(c.text).max_exemplars, c.want) << c.text;
  EXPECT_FALSE(ParseConfig("storage: {exemplars: {max_exemplars: x}}", "c.yml").ok());
}

TEST(ConfigTest, NameSchemes) {
  struct Case {
    std::string_view global, job;
    bool legacy;
    std::string_view escaping;  // empty: refused
  };
  constexpr Case kCases[] = {
      {"", "", false, "allow-utf-8"},
      {"metric_name_escaping_scheme: dots", "", false, "dots"},
      {"", "metric_name_escaping_scheme: values", false, "values"},
      {"metric_name_validation_scheme: legacy", "", true, "underscores"},
      {"", "metric_name_validation_scheme: legacy", true, "underscores"},
      {"metric_name_validation_scheme: legacy", "metric_name_validation_scheme: utf8", false,
       "allow-utf-8"},
      {"metric_name_validation_scheme: legacy\n  metric_name_escaping_scheme: dots", "", true,
       "dots"},
      {"metric_name_validation_scheme: legacy\n  metric_name_escaping_scheme: allow-utf-8",
       "metric_name_escaping_scheme: dots", true, "dots"},
      {"metric_name_validation_scheme: legacy\n  metric_name_escaping_scheme: allow-utf-8", "",
       true, ""},
      {"metric_name_validation_scheme: legacy", "metric_name_escaping_scheme: allow-utf-8", true,
       ""},
  };
  for (const Case& c : kCases) {
    const std::string yaml = StrCat("global:\n  scrape_interval: 1s\n  ", c.global,
                                    "\nscrape_configs:\n- job_name: a\n  ", c.job, "\n");
    const absl::StatusOr<Config> config = ParseConfig(yaml, "a.yml");
    ASSERT_EQ(config.ok(), !c.escaping.empty()) << yaml << config.status();
    if (!config.ok()) {
      EXPECT_THAT(config.status().ToString(), HasSubstr("utf8 metric names requested"));
      continue;
    }
    EXPECT_EQ(config->scrape_configs[0].formats.legacy_names, c.legacy) << yaml;
    EXPECT_EQ(config->scrape_configs[0].formats.name_escaping, c.escaping) << yaml;
  }
}

TEST(ConfigTest, WhatAJobDoesNotSayItHasFromGlobal) {
  const Config config = Parse(R"(
global:
  keep_dropped_targets: 100
  extra_scrape_metrics: true
  scrape_failure_log_file: failures.log
scrape_configs:
- job_name: a
- job_name: b
  keep_dropped_targets: 7
  extra_scrape_metrics: false
  scrape_failure_log_file: /b.log
)");
  const scrape::ScrapeConfig &a = config.scrape_configs.at(0), &b = config.scrape_configs.at(1);
  EXPECT_EQ(a.keep_dropped_targets, 100u);
  EXPECT_EQ(a.extra_metrics, true);
  EXPECT_EQ(a.failure_log_file, "/etc/tidemark/failures.log");
  EXPECT_EQ(b.keep_dropped_targets, 7u);
  EXPECT_EQ(b.extra_metrics, false);
  EXPECT_EQ(b.failure_log_file, "/b.log");
  EXPECT_EQ(Parse("scrape_configs: [{job_name: a}]").scrape_configs[0].extra_metrics, std::nullopt);
}

TEST(ConfigTest, NativeHistograms) {
  const Config config = Parse(R"(
global:
  scrape_native_histograms: true
  scrape_protocols: [PrometheusText0.0.4, PrometheusProto]
scrape_configs:
- job_name: a
  native_histogram_bucket_limit: 10
  native_histogram_min_bucket_factor: 1.1
  always_scrape_classic_histograms: true
- job_name: b
  scrape_native_histograms: false
  convert_classic_histograms_to_nhcb: true
  scrape_protocols: [PrometheusProto]
)");
  ASSERT_EQ(config.scrape_configs.size(), 2u);
  const scrape::ScrapeConfig &a = config.scrape_configs[0], &b = config.scrape_configs[1];
  EXPECT_TRUE(a.formats.native_histograms);
  EXPECT_TRUE(a.formats.always_classic_histograms);
  EXPECT_THAT(a.formats.protocols, ElementsAre("PrometheusText0.0.4", "PrometheusProto"));
  EXPECT_EQ(a.native_histogram_bucket_limit, 10u);
  EXPECT_EQ(a.native_histogram_min_bucket_factor, 1.1);
  EXPECT_FALSE(a.formats.convert_classic_histograms);
  EXPECT_FALSE(b.formats.native_histograms);
  EXPECT_TRUE(b.formats.convert_classic_histograms);
  EXPECT_FALSE(b.formats.always_classic_histograms);
  EXPECT_THAT(b.formats.protocols, ElementsAre("PrometheusProto"));
  EXPECT_EQ(b.native_histogram_bucket_limit, 0u);
}

TEST(ConfigTest, Discovery) {
  constexpr std::string_view kText = R"(
scrape_configs:
- job_name: a
  file_sd_configs: [{files: [a/*.yml, /b.json]}]
  http_sd_configs: [{url: 'http://sd/list', basic_auth: {username: u, password: p}}]
  dns_sd_configs: [{names: [b, c], type: a, port: 80}, {names: [_d]}]
alerting:
  alertmanagers:
  - static_configs: [{targets: [one:9093]}]
  - file_sd_configs: [{files: [am.json]}]
    path_prefix: am
)";
  const Config config = Parse(kText);
  const scrape::DiscoveryConfigs& found = config.scrape_configs.at(0).discovery;
  ASSERT_EQ(found.size(), 4u);
  const auto& dns = dynamic_cast<const scrape::DnsDiscovery&>(*found[0]);
  EXPECT_THAT(dns.question.names, ElementsAre("b", "c"));
  EXPECT_EQ(dns.question.type, DnsType::kA);
  EXPECT_EQ(dns.port, 80);
  EXPECT_EQ(dns.refresh_interval, 30 * kSecond);
  EXPECT_EQ(dynamic_cast<const scrape::DnsDiscovery&>(*found[1]).question.type, DnsType::kSrv);
  const auto& file = dynamic_cast<const scrape::FileDiscovery&>(*found[2]);
  EXPECT_THAT(file.patterns, ElementsAre("/etc/tidemark/a/*.yml", "/b.json"));
  EXPECT_EQ(file.refresh_interval, 5 * kMinute);
  const auto& http = dynamic_cast<const scrape::HttpDiscovery&>(*found[3]);
  EXPECT_EQ(http.url, "http://sd/list");
  EXPECT_EQ(http.refresh_interval, kMinute);
  EXPECT_EQ(http.http.password, "p");

  ASSERT_EQ(config.alertmanagers.size(), 1u);
  EXPECT_EQ(config.alertmanagers[0].name, "config-1");
  EXPECT_EQ(*AlertmanagerUrl(config.alertmanagers[0], {}, "x:1"), "http://x:1/am");
  EXPECT_FALSE(AlertmanagerUrl(config.alertmanagers[0], {}, "x:y").ok());

  // What a reload compares.
  std::string other_password(kText);
  other_password.replace(other_password.find("password: p"), 11, "password: q");
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(found[i]->SameAs(*Parse(kText).scrape_configs[0].discovery[i])) << i;
    EXPECT_EQ(found[i]->SameAs(*Parse(other_password).scrape_configs[0].discovery[i]), i != 3);
    EXPECT_FALSE(found[i]->SameAs(*found[(i + 1) % found.size()])) << i;
  }
}

TEST(ConfigTest, ExpandsTheEnvironmentInExternalLabels) {
  setenv("TIDEMARK_TEST_ZONE", "eu-1", 1);
  struct Case {
    std::string_view value, want;
  };
  constexpr Case kCases[] = {
      {"$TIDEMARK_TEST_ZONE", "eu-1"},
      {"x-${TIDEMARK_TEST_ZONE}-y", "x-eu-1-y"},
      {"$$TIDEMARK_TEST_ZONE", "$TIDEMARK_TEST_ZONE"},
      {"${TIDEMARK_TEST_UNSET}a", "a"},
      {"100%", "100%"},
      {"a$ b", "a$ b"},
      {"a$", "a$"},
      {"a${}b", "ab"},
      {"a${x", "a"},
  };
  for (const Case& c : kCases) {
    const Config config = Parse(StrCat("global: {external_labels: {zone: '", c.value, "'}}"));
    EXPECT_EQ(config.global.external_labels.Get("zone"), c.want) << c.value;
  }
  unsetenv("TIDEMARK_TEST_ZONE");
}

TEST(ConfigTest, ServedYamlHasNoSecrets) {
  const Config config = Parse(R"(
scrape_configs:
- job_name: a
  basic_auth: {username: visible, password: hidden1}
  proxy_url: http://visible:hidden2@proxy
  http_headers: {X: {secrets: [hidden3], values: [visible]}}
- job_name: b
  authorization: {credentials: hidden4}
- job_name: c
  bearer_token: hidden5
  proxy_from_environment: true
  tls_config: {cert: visible, key: hidden7}
  proxy_connect_header: {X: [hidden8], Y: [hidden9]}
- job_name: d
  oauth2: {client_id: visible, client_secret: hidden10, token_url: 'http://visible:hidden11@a'}
  http_sd_configs: [{url: 'http://visible:hidden12@sd/shown'}]
  static_configs: [{labels: {key: shown_too}}]
alerting: {webhook_configs: [{url: 'http://a/hidden6'}]}
)");
  EXPECT_THAT(config.yaml, Not(HasSubstr("hidden")));
  EXPECT_THAT(config.yaml, HasSubstr("password: <secret>"));
  EXPECT_THAT(config.yaml, HasSubstr("username: visible"));
  EXPECT_THAT(config.yaml, HasSubstr("http://visible:<secret>@proxy"));
  EXPECT_THAT(config.yaml, HasSubstr("url: \"http://visible:<secret>@sd/shown\""));
  EXPECT_THAT(config.yaml, HasSubstr("key: shown_too"));
}

TEST(ConfigTest, RefusesWithFileLineAndReason) {
  struct Case {
    std::string_view text;
    int line;
    std::string_view reason;
  };
  constexpr Case kCases[] = {
      // The file as a whole.
      {"scrape_config: []", 1, "field scrape_config not found"},
      {"global:\n  scrape_intervall: 5s", 2, "field scrape_intervall not found"},
      {"global: {}\nglobal: {}", 2, "key \"global\" is given twice"},
      {"global: [", 2, "bad YAML"},
      {"global: 5", 1, "expected a mapping"},
      {"- a", 1, "expected a mapping"},
      // global
      {"global:\n  scrape_interval: 5", 2, "not a valid duration string: \"5\""},
      {"global:\n  scrape_interval: -5s", 2, "not a valid duration string"},
      {"global: {scrape_interval: 5s, scrape_timeout: 6s}", 1,
       "global scrape timeout greater than scrape interval"},
      {"global:\n  external_labels:\n    a: b\n    \"\": c", 4, "\"\" is not a valid label name"},
      {"global:\n  label_limit: -1", 2, "expected a count that is not negative, not -1"},
      {"global:\n  body_size_limit: 10", 2, "expected a size such as 512MB, not 10"},
      {"global:\n  scrape_protocols: [Json]", 2, "unknown scrape protocol Json"},
      {"global:\n  scrape_protocols: [PrometheusProto, PrometheusProto]", 2,
       "duplicated protocol in scrape_protocols: PrometheusProto"},
      {"global:\n  scrape_protocols: []", 2, "scrape_protocols cannot be empty"},
      {"global:\n  metric_name_validation_scheme: x", 2,
       "\"x\" is unknown, use one of: utf8 legacy"},
      {"global:\n  metric_name_escaping_scheme: x", 2,
       "\"x\" is unknown, use one of: allow-utf-8 underscores dots values"},
      {"global:\n  query_log_file: [q.log]", 2, ""},
      {"global:\n  extra_scrape_metrics: 1", 2, "expected true or false"},
      {"global:\n  keep_dropped_targets: -1", 2, "expected a count that is not negative, not -1"},
      // What Prometheus has and Tidemark does not.
      {"global: {}\nremote_read:\n- url: http://a", 2, "remote_read is not supported yet"},
      {"remote_write:\n- name: a", 2, "url for remote_write is empty"},
      {"remote_write:\n- null", 2, "empty or null remote write config section"},
      {"remote_write:\n- url: http://a\n  name: n\n- url: http://b\n  name: n", 4,
       "found multiple remote write configs with job name \"n\""},
      {"remote_write:\n- url: http://a\n  protobuf_message: x", 3,
       "unknown remote write protobuf message x"},
      {"remote_write:\n- url: http://a\n  headers:\n    Authorization: b", 4,
       "authorization header must be changed via"},
      {"remote_write:\n- url: http://a\n  headers:\n    Content-Type: b", 4,
       "Content-Type is a reserved header. It must not be changed"},
      {"remote_write:\n- url: http://a\n  queue_config:\n    max_shards: 0", 4,
       "max_shards must be greater than zero"},
      {"remote_write:\n- url: http://a\n  sigv4: {region: x}", 3, "sigv4 is not supported yet"},
      {"remote_read:\n- url: http://a", 1, "remote_read is not supported yet"},
      {"\ntracing: {endpoint: a}", 2, "tracing is not supported yet"},
      // OTLP
      {"otlp:\n  translation_strategy: x", 2, "unsupported OTLP translation strategy \"x\""},
      {"otlp: {promote_resource_attributes: [a, a]}", 1,
       "duplicated promoted OTel resource attribute \"a\""},
      {"otlp: {promote_resource_attributes: ['']}", 1, "empty promoted OTel resource attribute"},
      {"otlp: {promote_resource_attributes: [a], promote_all_resource_attributes: true}", 1,
       "cannot be configured simultaneously"},
      {"otlp: {ignore_resource_attributes: [a]}", 1,
       "'ignore_resource_attributes' cannot be configured unless"},
      {"otlp: {made_up: 1}", 1, "field made_up not found"},
      {"scrape_configs:\n- job_name: a\n  kubernetes_sd_configs:\n  - role: pod", 3,
       "kubernetes_sd_configs is not supported yet"},
      {"scrape_configs:\n- job_name: a\n  made_up_sd_configs: []", 3,
       "field made_up_sd_configs not found"},
      // Discovery
      {"scrape_configs:\n- job_name: a\n  file_sd_configs:\n  - ~", 4,
       "empty or null section in file_sd_configs"},
      {"scrape_configs:\n- job_name: a\n  file_sd_configs: [{}]", 3,
       "file service discovery config must contain at least one path name"},
      {"scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: [a.txt]}]", 3,
       "path name \"a.txt\" is not valid for file discovery"},
      {"scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: ['*/a.yml']}]", 3,
       "path name \"*/a.yml\" is not valid for file discovery"},
      {"scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: [a.yml], refresh_interval: "
       "0s}]",
       3, "refresh_interval must be greater than zero"},
      {"scrape_configs:\n- job_name: a\n  file_sd_configs: [{file: [a.yml]}]", 3,
       "field file not found"},
      {"scrape_configs:\n- job_name: a\n  http_sd_configs: [{}]", 3, "URL is missing"},
      {"scrape_configs:\n- job_name: a\n  dns_sd_configs: [{}]", 3,
       "DNS-SD config must contain at least one SRV record name"},
      {"scrape_configs:\n- job_name: a\n  dns_sd_configs: [{names: [b], type: mx}]", 3,
       "a port is required in DNS-SD configs for all record types except SRV"},
      {"scrape_configs:\n- job_name: a\n  dns_sd_configs: [{names: [b], type: TXT}]", 3,
       "invalid DNS-SD records type TXT"},
      {"scrape_configs:\n- job_name: a\n  dns_sd_configs: [{names: [b], type: A, port: 65536}]", 3,
       "65536 is not a port"},
      {"scrape_configs:\n- job_name: a\n  http_sd_configs: [{url: 'ftp://a'}]", 3,
       "URL scheme must be 'http' or 'https'"},
      {"scrape_configs:\n- job_name: a\n  http_sd_configs: [{url: 'http://'}]", 3, "bad URL"},
      {"scrape_configs:\n- job_name: a\n  http_sd_configs: [{url: 'http://a', oauth2: {x: y}}]", 3,
       "field x not found"},
      {"storage: {tsdb: {retention: {percentage: 80}}}", 1, "percentage is not supported yet"},
      {"storage: {tsdb: {retention: {size: 10}}}", 1, "10"},
      // scrape_configs
      {"scrape_configs:\n- scrape_interval: 5s", 2, "job_name is empty"},
      {"scrape_configs:\n- ~", 2, "job_name is empty"},
      {"scrape_configs:\n- job_name: a\n- job_name: b\n- job_name: a", 4,
       "found multiple scrape configs with job name \"a\""},
      {"scrape_configs:\n- job_name: a\n  scrape_timeout: 2m", 2,
       "scrape timeout greater than scrape interval for scrape config with job name \"a\""},
      {"scrape_configs:\n- job_name: a\n  scheme: ftp", 3, "unsupported scheme \"ftp\""},
      {"scrape_configs:\n- job_name: a\n  honor_labels: maybe", 3, "expected true or false"},
      {"scrape_configs:\n- job_name: a\n  params: {a: b}", 3, "expected a list"},
      {"scrape_configs:\n- job_name: a\n  fallback_scrape_protocol: x", 3,
       "unknown scrape protocol x"},
      {"scrape_configs:\n- job_name: a\n  static_configs:\n  - targets:\n    - a:80\n    - b/c", 6,
       "\"b/c\" is not a valid hostname"},
      {"scrape_configs:\n- job_name: a\n  static_configs:\n  - target: [a]", 4,
       "field target not found"},
      {"scrape_configs:\n- job_name: a\n  static_configs:\n  - targets: a", 4, "expected a list"},
      // The HTTP client
      {"scrape_configs:\n- job_name: a\n  basic_auth: {username: u}\n  authorization: {}", 4,
       "at most one of basic_auth & authorization must be configured"},
      {"scrape_configs:\n- job_name: a\n  basic_auth:\n    password: p\n    password_file: f", 5,
       "at most one of basic_auth password & password_file must be configured"},
      {"scrape_configs:\n- job_name: a\n  authorization: {type: Basic}", 3,
       "authorization type cannot be set to \"basic\", use \"basic_auth\" instead"},
      {"scrape_configs:\n- job_name: a\n  oauth2: {client_id: x}", 3,
       "oauth2 token_url must be configured"},
      {"scrape_configs:\n- job_name: a\n  oauth2: {token_url: x}", 3,
       "oauth2 client_id must be configured"},
      {"scrape_configs:\n- job_name: a\n  oauth2: {client_secret: a, client_secret_file: b}", 3,
       "at most one of oauth2 client_secret & client_secret_file must be configured"},
      {"scrape_configs:\n- job_name: a\n  oauth2: {grant_type: 'urn:x'}", 3,
       "grant_type \"urn:x\" is not supported yet"},
      {"scrape_configs:\n- job_name: a\n  basic_auth: {username: u}\n  oauth2: {client_id: x}", 4,
       "at most one of basic_auth & oauth2 must be configured"},
      {"scrape_configs:\n- job_name: a\n  tls_config: {ca: a, ca_file: b}", 3,
       "at most one of ca & ca_file must be configured"},
      {"scrape_configs:\n- job_name: a\n  tls_config: {min_version: TLS13, max_version: TLS12}", 3,
       "tls_config.max_version must be greater than or equal to tls_config.min_version"},
      {"scrape_configs:\n- job_name: a\n  no_proxy: b", 3,
       "if no_proxy is configured, proxy_url must also be configured"},
      {"scrape_configs:\n- job_name: a\n  proxy_connect_header: {A: [b]}", 3,
       "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also"},
      {"scrape_configs:\n- job_name: a\n  proxy_url: http://a\n  proxy_from_environment: true", 4,
       "if proxy_from_environment is configured, proxy_url must not be configured"},
      {"scrape_configs:\n- job_name: a\n  no_proxy: b\n  proxy_from_environment: true", 4,
       "if proxy_from_environment is configured, no_proxy must not be configured"},
      {"scrape_configs:\n- job_name: a\n  tls_config: {cert_file: c}", 3,
       "exactly one of key or key_file must be configured"},
      {"scrape_configs:\n- job_name: a\n  tls_config: {min_version: TLS99}", 3,
       "unknown TLS version: TLS99"},
      {"scrape_configs:\n- job_name: a\n  proxy_url: nonsense", 3, "bad URL \"nonsense\""},
      {"scrape_configs:\n- job_name: a\n  http_headers:\n    Host: {values: [a]}", 4,
       "setting header \"Host\" is not allowed"},
      // rule_files, storage
      {"rule_files:\n- a*/b.yml", 2, "invalid file path \"a*/b.yml\""},
      {"storage:\n  tsdb:\n    out_of_order_time_window: x", 3, "not a valid duration string"},
      // alerting
      {"alerting:\n  alertmanagers:\n  - api_version: v1", 3,
       "expected Alertmanager api version to be one of [v2] but got v1"},
      {"alerting:\n  alertmanagers:\n  - {static_configs: [{targets: ['a:b']}]}", 3,
       "bad URL \"http://a:b\""},
      {"alerting:\n  alertmanagers:\n  - consul_sd_configs: [{server: a}]", 3,
       "consul_sd_configs is not supported yet"},
      {"alerting:\n  alertmanagers:\n  - {timeout: 0s}", 3, "timeout must be greater than zero"},
      {"alerting:\n  webhook_configs:\n  - send_resolved: true", 3, "a webhook needs a url"},
      {"alerting:\n  webhook_configs:\n  - url: a", 3, "bad URL \"a\": not an absolute URL"},
  };
  for (const Case& c : kCases) {
    const absl::StatusOr<Config> config = ParseConfig(c.text, kPath);
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(StrCat(kPath, ":", c.line, ": ")))
        << c.text;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(std::string(c.reason))) << c.text;
  }
}

TEST(ConfigTest, RefusesBadRelabelRules) {
  struct Case {
    std::string_view rule, reason;
  };
  constexpr Case kCases[] = {
      {"{}", "relabel configuration for replace action requires 'target_label' value"},
      {"~", "empty or null relabeling rule"},
      {"{action: replac}", "unknown relabel action \"replac\""},
      {"{action: hashmod, target_label: a}",
       "relabel configuration for hashmod requires non-zero modulus"},
      {"{action: hashmod, modulus: 8}",
       "relabel configuration for hashmod action requires 'target_label' value"},
      {"{action: hashmod, modulus: -1, target_label: a}", "not negative"},
      {"{action: lowercase}",
       "relabel configuration for lowercase action requires 'target_label' value"},
      {"{action: uppercase, target_label: a, replacement: b}",
       "'replacement' can not be set for uppercase action"},
      {"{action: labelmap, replacement: ''}", "is invalid 'replacement' for labelmap action"},
      {"{action: labeldrop, source_labels: [a]}",
       "labeldrop action requires only 'regex', and no other fields"},
      {"{action: labelkeep, regex: a, target_label: b}",
       "labelkeep action requires only 'regex', and no other fields"},
      {"{action: dropequal, source_labels: [a], target_label: b, regex: c}",
       "dropequal action requires only 'source_labels' and 'target_label'"},
      {"{action: keepequal, source_labels: [a]}",
       "relabel configuration for keepequal action requires 'target_label' value"},
      {"{target_label: a, regex: '('}", "missing )"},
      {"{target_label: a, source_labels: ['']}", "\"\" is not a valid label name"},
      {"{target_label: a, source_label: b}", "field source_label not found"},
      {"{target_label: a, source_labels: b}", "expected a list"},
  };
  for (const Case& c : kCases) {
    const std::string text =
        StrCat("scrape_configs:\n- job_name: a\n  relabel_configs:\n  - ", c.rule, "\n");
    const absl::StatusOr<Config> config = ParseConfig(text, kPath);
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << c.rule;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(StrCat(kPath, ":4: "))) << c.rule;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(std::string(c.reason))) << c.rule;
  }
}

class ConfigFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "config_test.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string Write(std::string_view name, std::string_view text) const {
    const std::string path = StrCat(directory_, "/", name);
    std::ofstream(path) << text;
    return path;
  }

  std::string directory_;
};

TEST_F(ConfigFilesTest, PathsAreRelativeToTheFile) {
  Write("a.rules.yml", "");
  Write("b.rules.yml", "");
  Write("jobs.yml", "scrape_configs: [{job_name: two, bearer_token_file: password}]\n");
  const std::string path = Write("main.yml", R"(
scrape_configs:
- job_name: one
  basic_auth: {username: u, password_file: password}
scrape_config_files: [jobs*.yml]
rule_files: ['*.rules.yml', absent.yml]
)");
  const absl::StatusOr<Config> config = LoadConfig(path);
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->scrape_configs.size(), 2u);
  EXPECT_EQ(config->scrape_configs[0].http.password_file, directory_ + "/password");
  EXPECT_EQ(config->scrape_configs[1].http.authorization_credentials_file,
            directory_ + "/password");
  ASSERT_EQ(config->rule_patterns.size(), 2u);
  EXPECT_THAT(ExpandPattern(config->rule_patterns[0]),
              ElementsAre(directory_ + "/a.rules.yml", directory_ + "/b.rules.yml"));
  EXPECT_THAT(ExpandPattern(config->rule_patterns[1]), IsEmpty());
}

TEST_F(ConfigFilesTest, JobNamesAreUniqueOverAllFiles) {
  Write("jobs.yml", "\nscrape_configs:\n- job_name: one\n");
  const std::string path =
      Write("main.yml", "scrape_configs: [{job_name: one}]\nscrape_config_files: [jobs.yml]\n");
  EXPECT_EQ(std::string(LoadConfig(path).status().message()),
            StrCat(directory_, "/jobs.yml:3: found multiple scrape configs with job name \"one\""));
}

TEST_F(ConfigFilesTest, AMissingFileIsNamed) {
  const absl::StatusOr<Config> config = LoadConfig(directory_ + "/absent.yml");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("/absent.yml"));
}

}  // namespace
}  // namespace tidemark::config
