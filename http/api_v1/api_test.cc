// The API over HTTP, on a store in memory: what is right against golden files, what is wrong
// against Prometheus's texts.
#include <cstdlib>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/io/file.h"
#include "base/json_value.h"
#include "base/model/staleness.h"
#include "base/net/http_client.h"
#include "base/run/fake_clock.h"
#include "base/strings.h"
#include "http/api_v1/handlers.h"
#include "http/api_v1/query_gate.h"
#include "http/http_server.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/temp_directory.h"

namespace tidemark::http {
namespace {

constexpr TimestampMs kNow = 1'600'000'000'000;

std::string GoldenPath(std::string_view name) {
  return StrCat("tests/golden/http/", name, ".json");
}

std::string ReadGolden(std::string_view name) {
  absl::StatusOr<std::string> text = ReadFile(GoldenPath(name));
  EXPECT_TRUE(text.ok()) << text.status();
  if (!text.ok()) return {};
  while (text->ends_with('\n')) text->pop_back();
  return *std::move(text);
}

// With TIDEMARK_UPDATE_GOLDEN set the file becomes what the server says, to be read by a person.
void ExpectGolden(std::string_view name, const std::string& body) {
  if (std::getenv("TIDEMARK_UPDATE_GOLDEN") != nullptr) {
    const absl::Status written = WriteFileAtomically(GoldenPath(name), body + "\n");
    ASSERT_TRUE(written.ok()) << written;
  }
  EXPECT_EQ(body, ReadGolden(name)) << name;
}

TargetLists SomeTargets() {
  TargetLists targets;
  targets.active.push_back({.discovered_labels = {{"__address__", "localhost:9090"}},
                            .labels = {{"instance", "localhost:9090"}, {"job", "a"}},
                            .scrape_pool = "a",
                            .url = "http://localhost:9090/metrics",
                            .health = scrape::TargetHealth::kUp,
                            .last_error = "",
                            .last_scrape = kNow - 1500,
                            .last_scrape_duration_seconds = 0.0125,
                            .interval = 15 * kSecond,
                            .timeout = 10 * kSecond});
  targets.active.push_back({.discovered_labels = {{"__address__", "b:1"}},
                            .labels = {{"instance", "b:1"}, {"job", "b"}},
                            .scrape_pool = "b",
                            .url = "http://b:1/metrics",
                            .health = scrape::TargetHealth::kDown,
                            .last_error = "connection \"refused\"",
                            .interval = 90 * kSecond,
                            .timeout = 10 * kSecond});
  targets.dropped.push_back({.discovered_labels = {{"__address__", "c:1"}}, .scrape_pool = "c"});
  targets.dropped_counts = {{"b", 0}, {"a", 0}, {"c", 1}};
  return targets;
}

std::vector<alerting::RuleGroupStatus> SomeGroups() {
  alerting::RuleStatus record;
  record.name = "up:sum";
  record.query = "sum(up)";
  record.labels = {{"z", "1"}, {"a", "b"}};
  record.health = alerting::RuleHealth::kOk;
  record.evaluation_seconds = 0.001;
  record.last_evaluation = kNow;

  alerting::RuleStatus alert;
  alert.is_alert = true;
  alert.name = "Down";
  alert.query = "up == 0";
  alert.hold = 90 * kSecond;
  alert.labels = {{"severity", "page"}, {"team", "{{ $labels.team }}"}};
  alert.annotations = {{"summary", "{{ $labels.instance }} down"}};
  alert.health = alerting::RuleHealth::kError;
  alert.last_error = "something";
  alert.state = alerting::AlertState::kFiring;
  alert.alerts.push_back({.labels = {{"alertname", "Down"}, {"instance", "b:1"}},
                          .annotations = {{"summary", "b:1 down"}},
                          .state = alerting::AlertState::kFiring,
                          .active_at = kNow - kHour,
                          .keep_firing_since = kNow - kMinute,
                          .value = 0});
  return {{.name = "g",
           .file = "rules.yml",
           .interval = 30 * kSecond,
           .evaluation_seconds = 0.0025,
           .last_evaluation = kNow,
           .rules = {record, alert}}};
}

// Two targets that do not agree about a family.
std::vector<scrape::ActiveMetadata> SomeMetadata() {
  static scrape::MetadataPool pool;
  const auto a = std::make_shared<scrape::TargetMetadata>(pool);
  a->SetType("requests", "counter");
  a->SetHelp("requests", "How many \"there\" were.");
  a->SetType("up_seconds", "gauge");
  a->SetUnit("up_seconds", "seconds");
  const auto b = std::make_shared<scrape::TargetMetadata>(pool);
  b->SetType("requests", "untyped");
  const auto c = std::make_shared<scrape::TargetMetadata>(pool);
  c->SetType("up_seconds", "gauge");
  c->SetUnit("up_seconds", "seconds");
  return {{{{"instance", "1"}, {"job", "a"}}, a},
          {{{"instance", "2"}, {"job", "b"}}, b},
          {{{"instance", "3"}, {"job", "b"}}, c}};
}

// Two series with exemplars; they are given where the first selector takes them.
class SomeExemplars : public tsdb::ExemplarQueryable {
 public:
  absl::StatusOr<std::vector<tsdb::SeriesExemplars>> Exemplars(
      std::span<const std::vector<LabelMatcher>> selectors, TimeRange range) const override {
    std::vector<tsdb::SeriesExemplars> found;
    for (const char* instance : {"1", "2"}) {
      const bool passes = std::all_of(selectors[0].begin(), selectors[0].end(), [&](const auto& m) {
        return m.Matches(m.name() == kMetricName ? "requests" : instance);
      });
      if (!passes || !range.Contains(kNow)) continue;
      found.push_back({{{"__name__", "requests"}, {"instance", instance}},
                       {{{{"trace_id", "a\"b"}}, 0.5, kNow}, {{}, 1e300, kNow + 1}}});
    }
    return found;
  }
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : server_({.listen_address = "127.0.0.1:0"}) {
    Fill();
    const QueryContext queries = {.store = store_,
                                  .engine = engine_,
                                  .clock = clock_,
                                  .gate = std::make_shared<QueryGate>(2, metrics_),
                                  .log = query_log_,
                                  .active = active_queries_,
                                  .parser = {},
                                  .timeout = kMinute};
    Add("query", QueryHandler(queries));
    Add("query_range", QueryRangeHandler(queries));
    Add("query_exemplars", QueryExemplarsHandler(exemplars_, {}));
    Add("format_query", FormatQueryHandler({}));
    Add("parse_query", ParseQueryHandler({}));
    Add("series", SeriesHandler(store_));
    Add("labels", LabelsHandler(store_));
    Add("label/*/values", LabelValuesHandler(store_));
    Add("metadata", MetadataHandler(SomeMetadata));
    Add("targets/metadata", TargetMetadataHandler(SomeMetadata));
    Add("targets", TargetsHandler(SomeTargets, "http://outside.example:1234/prefix"));
    Add("scrape_pools", ScrapePoolsHandler(SomeTargets));
    Add("rules", RulesHandler(SomeGroups));
    Add("alerts", AlertsHandler(SomeGroups));
    Add("alertmanagers", AlertmanagersHandler([] {
          return std::vector<std::string>{"http://am:9093/api/v2/alerts"};
        }));
    Add("status/flags", FlagsHandler({{"web.listen-address", ":9090"}, {"config.file", "a.yml"}}));
    Add("status/config", ConfigHandler([] { return "global:\n  scrape_interval: 15s\n"; }));
    const auto stats = [] {
      return tsdb::HeadStats{.num_series = 3,
                             .num_label_pairs = 5,
                             .num_chunks = 4,
                             .num_samples = 9,
                             .range = {kNow - kMinute, kNow}};
    };
    Add("status/tsdb", TsdbStatusHandler(stats, [this] { return LabelPairs(); }));
    Add("status/walreplay", WalReplayHandler());
    Add("status/buildinfo", BuildInfoHandler());
    Add("status/runtimeinfo", RuntimeInfoHandler(clock_, metrics_, 15 * kDay));
    const absl::Status started = server_.Start();
    EXPECT_TRUE(started.ok()) << started;
  }

  void Fill() {
    for (int i = 0; i < 5; ++i) {
      const TimestampMs t = kNow - 60'000 + i * 15'000;
      store_.Add({{"__name__", "up"}, {"instance", "1"}, {"job", "a"}}, t, 1);
      store_.Add({{"__name__", "up"}, {"instance", "2"}, {"job", "a"}}, t, i % 2);
      store_.Add({{"__name__", "odd.name"}, {"x\"y", "\xc3\xa9\n"}}, t, NormalNan());
    }
  }

  void Add(const std::string& path, ApiFunction function) {
    const Handler handler = ApiHandler(std::move(function));
    server_.Route("GET", "/api/v1/" + path, handler);
    server_.Route("POST", "/api/v1/" + path, handler);
  }

  HttpResponse Get(std::string_view target) {
    HttpRequest request;
    request.url = StrCat("http://127.0.0.1:", server_.port(), "/api/v1/", target);
    return Send(std::move(request));
  }
  HttpResponse Post(std::string_view path, std::string form) {
    HttpRequest request;
    request.method = "POST";
    request.url = StrCat("http://127.0.0.1:", server_.port(), "/api/v1/", path);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = std::move(form);
    return Send(std::move(request));
  }
  HttpResponse Send(HttpRequest request) {
    const std::string url = request.url;
    absl::StatusOr<HttpResponse> response = client_.SendAndWait(std::move(request), {});
    EXPECT_TRUE(response.ok()) << url << ": " << response.status();
    return response.ok() ? *std::move(response) : HttpResponse{};
  }

  std::vector<tsdb::LabelPairCount> LabelPairs() const {
    std::map<std::pair<std::string, std::string>, uint64_t> counts;
    for (const LabelSet& labels : store_.SeriesLabels()) {
      for (const LabelView label : labels) {
        ++counts[{std::string(label.name), std::string(label.value)}];
      }
    }
    std::vector<tsdb::LabelPairCount> pairs;
    for (const auto& [pair, count] : counts) pairs.push_back({pair.first, pair.second, count});
    return pairs;
  }

  testing::MemoryStore store_;
  SomeExemplars exemplars_;
  MetricRegistry metrics_;
  ThreadPool pool_{2};
  FakeClock clock_{kNow};
  promql::Engine engine_{{}, pool_, metrics_};
  promql::QueryLog query_log_;
  ActiveQueries active_queries_;
  HttpServer server_;
  HttpClient client_;
};

TEST_F(ApiTest, AnswersAsPrometheusDoes) {
  struct Case {
    std::string_view file, target;
  };
  constexpr Case kCases[] = {
      {"vector", "query?query=up"},
      {"vector_at_a_time", "query?query=up&time=2020-09-13T12:26:10.5Z"},
      {"vector_limited", "query?query=up&limit=1"},
      {"vector_empty", "query?query=nothing"},
      {"scalar", "query?query=1/0&time=1.0006"},
      {"string", "query?query=%22a%5C%22%C3%A9%22"},
      {"matrix", "query?query=up%7Binstance=%222%22%7D%5B45s%5D"},
      {"odd_names", "query?query=%7B%22odd.name%22%7D"},
      {"exemplars", "query_exemplars?query=rate(requests%5B1m%5D)"},
      {"exemplars_of_one",
       "query_exemplars?query=sum(requests%7Binstance=%222%22%7D)/2&start=1&end=2e9"},
      {"exemplars_none", "query_exemplars?query=up&start=1600000000"},
      {"range", "query_range?query=up&start=1599999940&end=1600000000&step=30"},
      {"range_of_scalar", "query_range?query=1&start=0&end=10&step=5s"},
      {"info", "query?query=rate(up%5B1m%5D)&time=1600000000"},
      {"format_query", "format_query?query=sum(up)by(job)"},
      {"parse_query", "parse_query?query=sum(up)by(job)"},
      {"series", "series?match[]=up&match[]=%7Bjob=%22a%22%7D"},
      {"series_limited", "series?match[]=up&limit=1"},
      {"labels", "labels"},
      {"labels_matching", "labels?match[]=up"},
      {"label_values", "label/instance/values"},
      {"label_values_escaped", "label/U__x_22_y/values"},
      {"no_times", "label/instance/values?start=5&end=1"},
      {"metadata", "metadata"},
      {"metadata_of_metric", "metadata?metric=requests"},
      {"metadata_limited", "metadata?limit=1&limit_per_metric=1"},
      {"metadata_none", "metadata?limit=0"},
      {"targets_metadata", "targets/metadata"},
      {"targets_metadata_matching", "targets/metadata?match_target=%7Bjob=%22b%22%7D&limit=-1"},
      {"targets_metadata_of_metric", "targets/metadata?metric=up_seconds"},
      {"targets_metadata_limited", "targets/metadata?limit=1"},
      {"targets", "targets"},
      {"targets_dropped", "targets?state=dropped&scrapePool=c"},
      {"targets_active", "targets?state=ACTIVE&scrapePool=b"},
      {"scrape_pools", "scrape_pools"},
      {"rules", "rules"},
      {"rules_recording", "rules?type=record"},
      {"rules_without_alerts", "rules?match[]=%7Bseverity=%22page%22%7D&exclude_alerts=true"},
      {"rules_none", "rules?rule_name[]=other"},
      {"alerts", "alerts"},
      {"alertmanagers", "alertmanagers"},
      {"status_flags", "status/flags"},
      {"status_config", "status/config"},
      {"status_tsdb", "status/tsdb?limit=2"},
      {"status_walreplay", "status/walreplay"},
  };
  for (const Case& c : kCases) {
    const HttpResponse response = Get(c.target);
    EXPECT_EQ(response.status, 200) << c.file;
    EXPECT_EQ(response.Header("content-type"), "application/json") << c.file;
    ExpectGolden(c.file, response.body);
  }
}

TEST_F(ApiTest, RefusesAsPrometheusDoes) {
  struct Case {
    std::string_view target;
    int status;
    std::string_view type, error;
  };
  constexpr Case kCases[] = {
      {"query", 400, "bad_data",
       R"(invalid parameter "query": unknown position: parse error: no expression found in input)"},
      {"query?query=up(", 400, "bad_data",
       R"(invalid parameter "query": 1:4: parse error: unclosed left parenthesis)"},
      {"query_exemplars", 400, "bad_data",
       "unknown position: parse error: no expression found in input"},
      {"query_exemplars?query=up&start=x", 400, "bad_data",
       R"(invalid parameter "start": invalid time value for 'start': cannot parse "x" to a valid timestamp)"},
      {"query_exemplars?query=up&start=2&end=1", 400, "bad_data",
       "end timestamp must not be before start timestamp"},
      {"query?query=up&time=abc", 400, "bad_data",
       R"(invalid parameter "time": invalid time value for 'time': cannot parse "abc" to a valid timestamp)"},
      {"query?query=up&time=2020-01-01", 400, "bad_data",
       R"(invalid parameter "time": invalid time value for 'time': cannot parse "2020-01-01" to a valid timestamp)"},
      {"query?query=up&timeout=x", 400, "bad_data",
       R"(invalid parameter "timeout": cannot parse "x" to a valid duration)"},
      {"query?query=up&timeout=0", 503, "timeout", "query timed out in query queue"},
      {"query?query=up&limit=-1", 400, "bad_data",
       R"(invalid parameter "limit": limit must be non-negative)"},
      {"query?query=up&limit=x", 400, "bad_data",
       R"(invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax)"},
      {"query?query=up&lookback_delta=x", 400, "bad_data",
       R"(error parsing lookback delta duration: cannot parse "x" to a valid duration)"},
      {"query_range?query=up", 400, "bad_data",
       R"(invalid parameter "start": cannot parse "" to a valid timestamp)"},
      {"query_range?query=up&start=1", 400, "bad_data",
       R"(invalid parameter "end": cannot parse "" to a valid timestamp)"},
      {"query_range?query=up&start=1&end=2", 400, "bad_data",
       R"(invalid parameter "step": cannot parse "" to a valid duration)"},
      {"query_range?query=up&start=1&end=2&step=0", 400, "bad_data",
       R"(invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer)"},
      {"query_range?query=up&start=1&end=2&step=1e300", 400, "bad_data",
       R"(invalid parameter "step": cannot parse "1e300" to a valid duration. It overflows int64)"},
      {"query_range?query=up&start=2&end=1&step=1", 400, "bad_data",
       R"(invalid parameter "end": end timestamp must not be before start time)"},
      {"query_range?query=up&start=-1e18&end=1e18&step=1", 400, "bad_data",
       R"(exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX))"},
      {"query_range?query=up%5B1m%5D&start=1&end=2&step=1", 400, "bad_data",
       R"(invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector)"},
      {"query_range?query=%22a%22&start=1&end=2&step=1", 400, "bad_data",
       R"(invalid parameter "query": invalid expression type "string" for range query, must be Scalar or instant Vector)"},
      {"query?query=up*on()up", 422, "execution", "found duplicate series for the match group"},
      {"format_query?query=up(", 400, "bad_data",
       R"(invalid parameter "query": 1:4: parse error: unclosed left parenthesis)"},
      {"parse_query?query=up(", 400, "bad_data",
       R"(invalid parameter "query": 1:4: parse error: unclosed left parenthesis)"},
      {"series", 400, "bad_data", "no match[] parameter provided"},
      {"series?match[]=%7B%7D", 400, "bad_data",
       R"(invalid parameter "match[]": match[] must contain at least one non-empty matcher)"},
      {"series?match[]=up(", 400, "bad_data", R"(invalid parameter "match[]": 1:3: parse error: )"},
      {"series?match[]=up&start=x", 400, "bad_data",
       R"(invalid parameter "start": invalid time value for 'start': cannot parse "x" to a valid timestamp)"},
      {"labels?match[]=%7Ba=%22%22%7D", 400, "bad_data",
       "match[] must contain at least one non-empty matcher"},
      {"label/a%FF/values", 400, "bad_data", R"(invalid label name: "a\xff")"},
      {"label/U__/values", 400, "bad_data", R"(invalid label name: "")"},
      {"rules?type=x", 400, "bad_data", R"(invalid parameter "type": not supported value "x")"},
      {"rules?exclude_alerts=x", 400, "bad_data",
       R"(invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "x": invalid syntax)"},
      {"rules?match[]=%7B", 400, "bad_data", "parse error: unexpected end of input inside braces"},
      {"metadata?limit=x", 400, "bad_data", "limit must be a number"},
      {"metadata?limit_per_metric=x", 400, "bad_data", "limit_per_metric must be a number"},
      {"targets/metadata?limit=x", 400, "bad_data", "limit must be a number"},
      {"targets/metadata?match_target=up(", 400, "bad_data",
       R"(invalid parameter "match_target": 1:3: parse error: )"},
      {"status/tsdb?limit=0", 400, "bad_data", "limit must be a positive number"},
      {"status/tsdb?limit=10001", 400, "bad_data", "limit must not exceed 10000"},
  };
  for (const Case& c : kCases) {
    const HttpResponse response = Get(c.target);
    EXPECT_EQ(response.status, c.status) << c.target;
    std::string escaped;
    AppendJsonEscaped(c.error, &escaped);
    EXPECT_THAT(response.body, ::testing::StartsWith(StrCat(R"({"status":"error","errorType":")",
                                                            c.type, R"(","error":")")))
        << c.target;
    EXPECT_THAT(response.body, ::testing::HasSubstr(escaped)) << c.target;
  }
}

TEST_F(ApiTest, TakesFormsAsItTakesUrls) {
  EXPECT_EQ(Post("query", "query=up&limit=1").body, ReadGolden("vector_limited"));
  EXPECT_EQ(Post("query_range?step=30", "query=up&start=1599999940&end=1600000000").body,
            ReadGolden("range"));
}

TEST_F(ApiTest, TellsTimings) {
  const std::string body = Get("query?query=up&stats=true").body;
  EXPECT_THAT(body, ::testing::HasSubstr(R"("stats":{"timings":{"evalTotalTime":)"));
  EXPECT_THAT(body, ::testing::HasSubstr(R"("execTotalTime":)"));
  // As Prometheus counts: a selector's samples at each step, a window's at each step it is seen.
  const std::pair<std::string_view, int> kQueryable[] = {
      {"query?query=up", 2},
      {"query?query=sum(sum_over_time(up%5B1m%5D))", 8},
      {"query_range?query=up&start=1599999940&end=1600000000&step=30", 6},
      {"query_range?query=count_over_time(up%5B30s%5D)&start=1599999970&end=1600000000&step=15",
       12},
      {"query?query=1", 0},
  };
  for (const auto& [target, samples] : kQueryable) {
    const std::string answer = Get(StrCat(target, "&stats=all")).body;
    EXPECT_THAT(answer, ::testing::HasSubstr(StrCat(R"("samples":{"totalQueryableSamples":)",
                                                    samples, R"(,"peakSamples":)")))
        << target;
  }
}

TEST_F(ApiTest, LogsQueries) {
  const testing::TempDirectory directory;
  const std::string path = directory.path() + "/q.log";
  ASSERT_TRUE(query_log_.Open(path).ok());
  Get("query?query=up&time=0");
  Get("query_range?query=1&start=0&end=10&step=5s");
  Get("query?query=up*on()up");
  Get("query?query=up(");  // never became a query
  std::istringstream lines(*ReadFile(path));
  std::string line;
  const auto next = [&] {
    std::getline(lines, line);
    return *JsonValue::Parse(line);
  };
  const JsonValue instant = next(), range = next(), failed = next();
  EXPECT_EQ(instant.Get("time").String(), "2020-09-13T12:26:40.000Z");
  EXPECT_EQ(instant.Get("params").Dump(),
            R"({"end":"1970-01-01T00:00:00.000Z","query":"up","start":"1970-01-01T00:00:00.000Z",)"
            R"("step":0})");
  EXPECT_EQ(instant.Get("httpRequest").Dump(),
            R"({"clientIP":"127.0.0.1","method":"GET","path":"/api/v1/query"})");
  EXPECT_FALSE(instant.Get("stats").Get("timings").Get("execTotalTime").IsNull());
  EXPECT_TRUE(instant.Get("error").IsNull());
  EXPECT_EQ(range.Get("params").Get("end").String(), "1970-01-01T00:00:10.000Z");
  EXPECT_EQ(range.Get("params").Get("step").Number(), 5);
  EXPECT_THAT(failed.Get("error").String(), ::testing::HasSubstr("found duplicate series"));
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(ApiTest, TellsOfItself) {
  const std::string build = Get("status/buildinfo").body;
  EXPECT_THAT(build, ::testing::HasSubstr(R"("version":"3.)"));
  EXPECT_THAT(build, ::testing::HasSubstr(R"("goVersion":)"));
  const std::string runtime = Get("status/runtimeinfo").body;
  EXPECT_THAT(runtime, ::testing::HasSubstr(R"("serverTime":"2020-09-13T12:26:40Z")"));
  EXPECT_THAT(runtime, ::testing::HasSubstr(R"("storageRetention":"15d")"));
  EXPECT_THAT(runtime, ::testing::HasSubstr(R"("reloadConfigSuccess":false)"));
}

TEST(ApiHandlerTest, CapsAnnotations) {
  const Handler handler = ApiHandler([](const Request&, ApiAnswer& answer) {
    for (int i = 10; i < 23; ++i) answer.annotations.AddWarning(StrCat("w", i));
    for (int i = 0; i < 10; ++i) answer.annotations.AddInfo(StrCat("i", i));
    answer.data.Null();
    return absl::OkStatus();
  });
  EXPECT_EQ(handler(Request{}).body,
            R"({"status":"success","data":null,"warnings":["w10","w11","w12","w13","w14","w15",)"
            R"("w16","w17","w18","w19","3 more warning annotations omitted"],)"
            R"("infos":["i0","i1","i2","i3","i4","i5","i6","i7","i8","i9"]})");
}

TEST(ApiHandlerTest, EveryCodeHasAnErrorType) {
  struct Case {
    absl::StatusCode code;
    int status;
    std::string_view type;
  };
  constexpr Case kCases[] = {
      {absl::StatusCode::kInvalidArgument, 400, "bad_data"},
      {absl::StatusCode::kFailedPrecondition, 422, "execution"},
      {absl::StatusCode::kUnimplemented, 422, "execution"},
      {absl::StatusCode::kResourceExhausted, 422, "execution"},
      {absl::StatusCode::kNotFound, 404, "not_found"},
      {absl::StatusCode::kCancelled, 499, "canceled"},
      {absl::StatusCode::kDeadlineExceeded, 503, "timeout"},
      {absl::StatusCode::kUnavailable, 500, "unavailable"},
      {absl::StatusCode::kDataLoss, 500, "internal"},
      {absl::StatusCode::kInternal, 500, "internal"},
  };
  for (const Case& c : kCases) {
    const Handler handler = ApiHandler([&](const Request&, ApiAnswer& answer) {
      answer.data.String("dropped");
      return absl::Status(c.code, "why");
    });
    const Response response = handler(Request{});
    EXPECT_EQ(response.status, c.status) << c.type;
    EXPECT_EQ(response.body,
              StrCat(R"({"status":"error","errorType":")", c.type, R"(","error":"why"})"));
  }
}

}  // namespace
}  // namespace tidemark::http
