#include "scrape/loop/target_appender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/io/varint.h"
#include "base/model/float_format.h"
#include "base/model/staleness.h"
#include "base/strings.h"
#include "tests/testing/memory_store.h"
#include "tests/testing/protobuf_fields.h"

namespace tidemark::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Scrapes pages of the target {job="x"} into a store in memory.
class TargetAppenderTest : public ::testing::Test {
 protected:
  ScrapeResult Page(TimestampMs time, std::string body,
                    std::string content_type = "text/plain; version=0.0.4") {
    HttpResponse response;
    response.status = 200;
    response.headers = {{"content-type", std::move(content_type)}};
    response.body = std::move(body);
    return Append(time, std::move(response));
  }
  ScrapeResult ProtobufPage(TimestampMs time, std::string body) {
    return Page(time, std::move(body), "application/vnd.google.protobuf");
  }
  ScrapeResult OpenMetricsPage(TimestampMs time, std::string body) {
    return Page(time, std::move(body), "application/openmetrics-text; version=1.0.0");
  }
  ScrapeResult Append(TimestampMs time, absl::StatusOr<HttpResponse> response) {
    return appender_.Append({std::make_shared<ScrapeConfig>(config_), time,
                             std::chrono::steady_clock::now(), std::move(response), false,
                             1500 /* timeout */, with_extra_metrics_});
  }
  ScrapeResult Down(TimestampMs time) { return Append(time, absl::UnavailableError("refused")); }

  // "1@1000 stale@2000" of the series `name` with the target's labels and `more`.
  std::string Samples(std::string_view name, LabelSet more = {}) {
    LabelSetBuilder labels(more);
    labels.Set(kMetricName, name);
    labels.Set("job", "x");
    return Text(labels.Build());
  }
  std::string Text(const LabelSet& labels) {
    std::string text;
    for (const Sample& sample : store_.Samples(labels)) {
      StrAppend(&text, text.empty() ? "" : " ",
                IsStaleMarker(sample.value) ? "stale" : FormatFloat(sample.value), "@",
                sample.timestamp);
    }
    return text;
  }

  testing::MemoryStore store_;
  MetricRegistry registry_;
  ScrapeMetrics metrics_{registry_};
  ScrapeConfig config_;
  bool with_extra_metrics_ = false;
  MetadataPool metadata_;
  TargetAppender appender_{{{"job", "x"}}, store_, metrics_, metadata_};
};

TEST_F(TargetAppenderTest, StoresThePageAndTheTargetsOwnSeries) {
  const ScrapeResult result = Page(1000, "a 1\nb{c=\"d\"} 2\n");
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_GE(result.duration_seconds, 0);
  Page(2000, "a 3\nb{c=\"d\"} 4\n");
  EXPECT_EQ(Samples("a"), "1@1000 3@2000");
  EXPECT_EQ(Samples("b", {{"c", "d"}}), "2@1000 4@2000");
  EXPECT_EQ(Samples("up"), "1@1000 1@2000");
  EXPECT_EQ(Samples("scrape_samples_scraped"), "2@1000 2@2000");
  EXPECT_EQ(Samples("scrape_samples_post_metric_relabeling"), "2@1000 2@2000");
  EXPECT_EQ(Samples("scrape_series_added"), "2@1000 0@2000");
  EXPECT_THAT(Samples("scrape_duration_seconds"), HasSubstr("@2000"));
}

TEST_F(TargetAppenderTest, StoresOpenMetrics) {
  ScrapeResult result = OpenMetricsPage(1000,
                                        "# TYPE a counter\n"
                                        "a_total 1 # {trace_id=\"x\"} 0.5\n"
                                        "a_created 0.25\n"
                                        "{\"b.c\"} 2 0.5\n"
                                        "# EOF\n");
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(Samples("a_total"), "1@1000");
  EXPECT_EQ(Samples("a_created"), "0.25@1000");
  EXPECT_EQ(Samples("b.c"), "2@500");
  result = OpenMetricsPage(2000, "a_total 2\na_created 0.25\n");
  EXPECT_THAT(result.status.message(), HasSubstr("data does not end with # EOF"));
  EXPECT_EQ(Samples("a_total"), "1@1000 stale@2000") << "half a page is none";
  EXPECT_EQ(Samples("up"), "1@1000 0@2000");
}

// "a_total 0.5@1000 {trace_id="x"}", a line each.
std::vector<std::string> ExemplarLines(const testing::MemoryStore& store) {
  std::vector<std::string> lines;
  for (const auto& [series, e] : store.Exemplars()) {
    lines.push_back(StrCat(series.metric_name(), " ", FormatFloat(e.value), "@", e.timestamp, " ",
                           e.labels.ToString()));
  }
  return lines;
}

TEST_F(TargetAppenderTest, StoresExemplars) {
  const std::string page =
      "# TYPE a counter\n"
      "a_total 1 # {trace_id=\"x\\\"y\",empty=\"\"} 0.5 0.25\n"
      "# TYPE h histogram\n"
      "h_bucket{le=\"1\"} 1 # {} 0.75\n"
      "# EOF\n";
  EXPECT_TRUE(OpenMetricsPage(1000, page).status.ok());
  EXPECT_THAT(ExemplarLines(store_),
              ElementsAre("a_total 0.5@250 {trace_id=\"x\\\"y\"}", "h_bucket 0.75@1000 {}"));
  EXPECT_TRUE(OpenMetricsPage(2000, page).status.ok());
  EXPECT_THAT(ExemplarLines(store_), ElementsAre("a_total 0.5@250 {trace_id=\"x\\\"y\"}",
                                                 "h_bucket 0.75@1000 {}", "h_bucket 0.75@2000 {}"))
      << "one without a time has that of the scrape";
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("prometheus_target_scrapes_exemplar_out_of_order_total 0"));
  EXPECT_TRUE(OpenMetricsPage(3000, "a_total 1 # {} 0.5 0.125\n# EOF\n").status.ok());
  EXPECT_THAT(registry_.Expose(),
              HasSubstr("prometheus_target_scrapes_exemplar_out_of_order_total 1"));
}

TEST_F(TargetAppenderTest, StoresExemplarsOfProtobufPages) {
  using testing::BytesField, testing::DoubleField, testing::VarintField, testing::SignedField;
  const auto exemplar = [](double value, uint64_t seconds) {
    return BytesField(1, BytesField(1, "trace") + BytesField(2, "x")) + DoubleField(2, value) +
           (seconds == 0 ? "" : BytesField(3, VarintField(1, seconds)));
  };
  const auto family = [](std::string_view name, uint64_t type, std::string_view metric) {
    const std::string message = BytesField(1, name) + VarintField(3, type) + BytesField(4, metric);
    std::string delimited;
    AppendLengthPrefixed(message, &delimited);
    return delimited;
  };
  const auto bucket = [&](double bound, const std::string& e) {
    return BytesField(3, VarintField(1, 1) + DoubleField(2, bound) + BytesField(3, e));
  };
  const std::string buckets = bucket(1, exemplar(0.5, 9)) + bucket(2, exemplar(1.5, 0));
  const std::string native = SignedField(5, 0) + BytesField(12, SignedField(1, 0));
  config_.formats.native_histograms = true;
  const ScrapeResult result = ProtobufPage(
      10'000,
      family("c", 0, BytesField(3, DoubleField(1, 1) + BytesField(2, exemplar(7, 0)))) +
          family("h", 4, BytesField(7, buckets)) + family("n", 4, BytesField(7, native + buckets)) +
          family(
              "m", 4,
              BytesField(7, native + bucket(1, exemplar(0.5, 9)) + BytesField(16, exemplar(3, 8)) +
                                BytesField(16, exemplar(2, 0)) + BytesField(16, exemplar(1, 7)))));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(ExemplarLines(store_),
              ElementsAre("c 7@10000 {trace=\"x\"}", "h_bucket 0.5@9000 {trace=\"x\"}",
                          "h_bucket 1.5@10000 {trace=\"x\"}", "n 0.5@9000 {trace=\"x\"}",
                          "m 1@7000 {trace=\"x\"}", "m 3@8000 {trace=\"x\"}"));
}

TEST_F(TargetAppenderTest, ZeroWhereACounterBegan) {
  config_.formats.created_zero_samples = true;
  const auto page = [this](TimestampMs time, int value, std::string_view created) {
    const ScrapeResult result =
        OpenMetricsPage(time, StrCat("# TYPE a counter\na_total ", value, "\na_created ", created,
                                     "\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} ", value,
                                     "\nh_created ", created, "\n# EOF\n"));
    EXPECT_TRUE(result.status.ok()) << result.status;
  };
  page(10'000, 1, "9.5");
  page(20'000, 2, "9.5");
  Down(30'000);
  page(40'000, 3, "9.5");  // told again, and older than the last sample
  page(50'000, 1, "45");   // began anew
  page(60'000, 2, "60");   // not before the sample
  EXPECT_EQ(Samples("a_total"),
            "0@9500 1@10000 2@20000 stale@30000 3@40000 0@45000 1@50000 2@60000");
  EXPECT_EQ(Samples("h_bucket", {{"le", "+Inf"}}),
            "0@9500 1@10000 2@20000 stale@30000 3@40000 0@45000 1@50000 2@60000");
  EXPECT_EQ(Samples("a_created"), "") << "no series";
  EXPECT_EQ(Samples("scrape_samples_scraped"), "2@10000 2@20000 0@30000 2@40000 2@50000 2@60000");
  EXPECT_EQ(metrics_.out_of_order.Value(), 0) << "a zero that comes too late is no fault";
  EXPECT_EQ(metrics_.duplicate_timestamp.Value(), 0);
}

TEST_F(TargetAppenderTest, ZeroHistogramWhereOneBegan) {
  using testing::BytesField;
  using testing::SignedField;
  using testing::VarintField;
  std::string page;
  AppendLengthPrefixed(
      BytesField(1, "h") + VarintField(3, 4) +
          BytesField(4, BytesField(7, VarintField(1, 2) + SignedField(5, 3) +
                                          BytesField(12, SignedField(1, 0) + VarintField(2, 1)) +
                                          SignedField(13, 2) +
                                          BytesField(15, VarintField(1, 9) +
                                                             VarintField(2, 500'000'000)))),
      &page);
  config_.formats.created_zero_samples = true;
  config_.formats.native_histograms = true;
  EXPECT_TRUE(ProtobufPage(10'000, page).status.ok());
  EXPECT_TRUE(ProtobufPage(20'000, page).status.ok());
  const HistogramColumns histograms = store_.Histograms({{"__name__", "h"}, {"job", "x"}});
  ASSERT_EQ(histograms.size(), 3);
  EXPECT_EQ(histograms.timestamps()[0], 9500);
  EXPECT_EQ(histograms[0].count, 0);
  EXPECT_EQ(histograms[0].layout->schema, 3);
  EXPECT_EQ(histograms.timestamps()[1], 10'000);
  EXPECT_EQ(histograms[1].count, 2);
}

TEST_F(TargetAppenderTest, KeepsWhatPagesSayOfFamilies) {
  const auto said = [this](std::string_view family) {
    const std::optional<MetricMetadata> m = appender_.metadata()->Find(family);
    return m ? StrCat(m->type, "|", m->help, "|", m->unit) : "";
  };
  Page(1000, "# TYPE a counter\n# HELP a x \\\\ \\n \\\"\na 1\n");
  EXPECT_EQ(said("a"), "counter|x \\ \n \\\"|");
  OpenMetricsPage(2000, "# HELP a \\\"\n# UNIT b_s s\n# TYPE c info\n# EOF\n");
  EXPECT_EQ(said("a"), "counter|\"|");
  EXPECT_EQ(said("b_s"), "unknown||s");
  EXPECT_EQ(said("c"), "info||");
  std::string page;
  AppendLengthPrefixed(testing::BytesField(1, "d_s") + testing::BytesField(2, "\\n") +
                           testing::VarintField(3, 1) + testing::BytesField(5, "s"),
                       &page);
  ProtobufPage(3000, page);
  EXPECT_EQ(said("d_s"), "gauge|\\n|s");
}

TEST_F(TargetAppenderTest, AnEmptyPageIsGoodWithoutAContentType) {
  Page(1000, "a 1\n");
  EXPECT_TRUE(Page(2000, "", "").status.ok());
  EXPECT_TRUE(OpenMetricsPage(3000, "").status.ok());
  EXPECT_EQ(Samples("a"), "1@1000 stale@2000");
  EXPECT_EQ(Samples("up"), "1@1000 1@2000 1@3000");
}

TEST_F(TargetAppenderTest, VanishedSeriesEndAndMayComeBack) {
  Page(1000, "a 1\nb 1\nc 1\n");
  Page(2000, "a 2\nc 2\n");
  Page(3000, "a 3\nc 3\n");
  Page(4000, "b 4\na 4\nc 4\n");
  EXPECT_EQ(Samples("b"), "1@1000 stale@2000 4@4000") << "one marker only";
  EXPECT_EQ(Samples("a"), "1@1000 2@2000 3@3000 4@4000");
  EXPECT_EQ(Samples("scrape_series_added"), "3@1000 0@2000 0@3000 1@4000");
}

TEST_F(TargetAppenderTest, FailedScrapeEndsAllOnce) {
  Page(1000, "a 1\nb 1\n");
  const ScrapeResult result = Down(2000);
  EXPECT_EQ(result.status.message(), "refused");
  Down(3000);
  Page(4000, "a 4\n");
  EXPECT_EQ(Samples("a"), "1@1000 stale@2000 4@4000");
  EXPECT_EQ(Samples("b"), "1@1000 stale@2000");
  EXPECT_EQ(Samples("up"), "1@1000 0@2000 0@3000 1@4000");
  EXPECT_EQ(Samples("scrape_series_added"), "2@1000 0@2000 0@3000 0@4000") << "a is still known";
}

TEST_F(TargetAppenderTest, SeriesAreForgottenAfterTenMinutesDown) {
  Page(1000, "a 1\n");
  Down(1000 + 10 * kMinute);
  Down(1001 + 10 * kMinute);
  Page(2000 + 10 * kMinute, "a 1\n");
  EXPECT_EQ(Samples("scrape_series_added"), "1@1000 0@601000 0@601001 1@602000");
}

TEST_F(TargetAppenderTest, LooksSeriesUpAgainThatTheStoreLetGo) {
  Page(1000, "a 1\nb 1\n");
  store_.LetSeriesGo();
  EXPECT_TRUE(Page(2000, "a 2\n").status.ok());
  EXPECT_EQ(Samples("a"), "1@1000 2@2000");
  EXPECT_EQ(Samples("b"), "1@1000") << "it had ended long before";
  EXPECT_EQ(Samples("up"), "1@1000 1@2000");
  store_.LetSeriesGo();
  Down(3000);
  EXPECT_EQ(Samples("up"), "1@1000 1@2000 0@3000");
}

TEST_F(TargetAppenderTest, MalformedPageLeavesNothingButMarkers) {
  Page(1000, "a 1\n");
  const ScrapeResult result = Page(2000, "a 2\nb 2\nc\n");
  EXPECT_THAT(ToStd(result.status.message()), StartsWith("line 3: expected value after metric"));
  EXPECT_EQ(Samples("a"), "1@1000 stale@2000");
  EXPECT_EQ(Samples("b"), "");
  EXPECT_EQ(Samples("up"), "1@1000 0@2000");
  EXPECT_EQ(Samples("scrape_samples_scraped"), "1@1000 2@2000");
}

TEST_F(TargetAppenderTest, ContentTypeDecidesUnlessThereIsAFallback) {
  HttpResponse html;
  html.headers = {{"content-type", "text/html"}};
  html.body = "a 1\n";
  EXPECT_EQ(Append(1000, html).status.message(),
            "received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol "
            "specified for target");
  config_.fallback_scrape_protocol = "PrometheusText0.0.4";
  EXPECT_TRUE(Append(2000, html).status.ok());
  EXPECT_EQ(Samples("a"), "1@2000");
}

TEST_F(TargetAppenderTest, TimestampsOfThePage) {
  struct Case {
    std::string_view name;
    bool honor, track;
    std::string_view want;
  };
  constexpr Case kCases[] = {
      {"own_time_and_no_marker", true, false, "1@500"},
      {"own_time_and_marker", true, true, "1@500 stale@2000"},
      {"ignored", false, false, "1@1000 stale@2000"},
  };
  for (const Case& c : kCases) {
    config_.honor_timestamps = c.honor;
    config_.track_timestamps_staleness = c.track;
    // A target of its own for each case, so that times do not run backwards.
    TargetAppender appender({{"job", c.name}}, store_, metrics_, metadata_);
    for (const auto& [time, body] : {std::pair(1000, "a 1 500\n"), std::pair(2000, "")}) {
      HttpResponse response;
      response.headers = {{"content-type", "text/plain"}};
      response.body = body;
      appender.Append({std::make_shared<ScrapeConfig>(config_), time,
                       std::chrono::steady_clock::now(), response});
    }
    EXPECT_EQ(Text({{"__name__", "a"}, {"job", c.name}}), c.want) << c.name;
  }
}

TEST_F(TargetAppenderTest, ManyTimestampsOfOneSeries) {
  Page(1000, "a 1 500\na 2 600\na 3 600\na 4 550\n");
  EXPECT_EQ(Samples("a"), "1@500 2@600");
  EXPECT_EQ(Samples("up"), "1@1000");
  EXPECT_EQ(metrics_.duplicate_timestamp.Value(), 1);
  EXPECT_EQ(metrics_.out_of_order.Value(), 1);
}

TEST_F(TargetAppenderTest, RepeatedSeriesIsDroppedAndCounted) {
  Page(1000, "a 1\na 2\na 1\n");
  EXPECT_EQ(metrics_.duplicate_timestamp.Value(), 2);
  Page(2000, "a 3\na 4\n");
  EXPECT_EQ(Samples("a"), "1@1000 3@2000");
  EXPECT_EQ(Samples("up"), "1@1000 1@2000");
  EXPECT_EQ(metrics_.duplicate_timestamp.Value(), 3);
}

TEST_F(TargetAppenderTest, SameSeriesInOtherBytes) {
  Page(1000, "a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 2\n");
  EXPECT_EQ(metrics_.duplicate_timestamp.Value(), 1) << "found by the store";
  Page(2000, "a{ c=\"2\", b=\"1\" } 3\n");
  EXPECT_EQ(Samples("a", {{"b", "1"}, {"c", "2"}}), "1@1000 3@2000") << "and not ended";
}

TEST_F(TargetAppenderTest, SampleLimitCountsWhatRelabelingLeaves) {
  config_.sample_limit = 2;
  RelabelRule drop;
  drop.action = RelabelAction::kDrop;
  drop.source_labels = {"__name__"};
  drop.regex = *AnchoredRegex::Create("go_.*");
  config_.metric_relabel_rules = {drop};
  EXPECT_TRUE(Page(1000, "a 1\ngo_x 1\nb 1\n").status.ok());
  const ScrapeResult result = Page(2000, "a 2\ngo_x 2\nb 2\nc 2\nd 2\n");
  EXPECT_EQ(result.status.message(), "sample limit exceeded");
  EXPECT_EQ(Samples("a"), "1@1000 stale@2000");
  EXPECT_EQ(Samples("c"), "");
  EXPECT_EQ(Samples("go_x"), "");
  EXPECT_EQ(Samples("scrape_samples_scraped"), "3@1000 5@2000") << "counted to the end";
  EXPECT_EQ(Samples("scrape_samples_post_metric_relabeling"), "2@1000 4@2000");
  EXPECT_EQ(metrics_.exceeded_sample_limit.Value(), 1);
}

TEST_F(TargetAppenderTest, LabelLimitFailsTheScrape) {
  config_.label_limit = 2;
  const ScrapeResult result = Page(1000, "a 1\na{b=\"c\"} 1\n");
  EXPECT_THAT(ToStd(result.status.message()), StartsWith("label_limit exceeded (metric: a"));
  EXPECT_EQ(Samples("a"), "");
  EXPECT_EQ(metrics_.exceeded_label_limits.Value(), 1);
}

TEST_F(TargetAppenderTest, EachLabelLimitSaysWhatIsTooMuch) {
  struct Case {
    size_t count, name_length, value_length;
    std::string_view error;  // empty: within the limits
  };
  // Of {__name__="abc", job="x", long_name="long value"}.
  constexpr Case kCases[] = {
      {3, 9, 10, ""},
      {2, 0, 0, "label_limit exceeded (metric: abc, number of labels: 3, limit: 2)"},
      {0, 8, 0,
       "label_name_length_limit exceeded (metric: abc, label name: long_name, length: 9, limit: "
       "8)"},
      {0, 0, 9,
       "label_value_length_limit exceeded (metric: abc, label name: long_name, value: \"long "
       "value\", length: 10, limit: 9)"},
  };
  TimestampMs time = 0;
  for (const Case& c : kCases) {
    config_.label_limit = c.count;
    config_.label_name_length_limit = c.name_length;
    config_.label_value_length_limit = c.value_length;
    appender_.ForgetLabels();
    const ScrapeResult result = Page(time += 1000, "abc{long_name=\"long value\"} 1\n");
    EXPECT_EQ(ToStd(result.status.message()), c.error);
  }
  EXPECT_EQ(metrics_.exceeded_label_limits.Value(), 3);
}

TEST_F(TargetAppenderTest, ExtraMetricsWhereTheyAreAskedFor) {
  Page(1000, "a 1\n");
  EXPECT_EQ(Samples("scrape_timeout_seconds"), "");
  with_extra_metrics_ = true;
  config_.sample_limit = 7;
  Page(2000, "a 12\n");
  Down(3000);
  Append(4000, absl::ResourceExhaustedError("body size limit exceeded"));
  Page(5000, "nonsense");
  EXPECT_EQ(Samples("scrape_timeout_seconds"), "1.5@2000 1.5@3000 1.5@4000 1.5@5000");
  EXPECT_EQ(Samples("scrape_sample_limit"), "7@2000 7@3000 7@4000 7@5000");
  EXPECT_EQ(Samples("scrape_body_size_bytes"), "5@2000 0@3000 -1@4000 8@5000");
  EXPECT_EQ(Samples("up"), "1@1000 1@2000 0@3000 0@4000 0@5000");
  appender_.AppendEnd(6000);
  EXPECT_THAT(Samples("scrape_sample_limit"), HasSubstr("stale@6000"));
}

TEST_F(TargetAppenderTest, BodySizeLimitIsCounted) {
  Append(1000, absl::ResourceExhaustedError("body size limit exceeded"));
  EXPECT_EQ(metrics_.exceeded_body_size_limit.Value(), 1);
}

TEST_F(TargetAppenderTest, PageCannotShadowTheTargetsOwnSeries) {
  Page(1000, "up 7\nup{instance=\"pushed\"} 8\n");
  EXPECT_EQ(Samples("up"), "1@1000");
  EXPECT_EQ(Samples("up", {{"instance", "pushed"}}), "8@1000");
  EXPECT_EQ(metrics_.duplicate_timestamp.Value(), 1);
}

TEST_F(TargetAppenderTest, FailedCommitIsAnErrorAndTheNextScrapeGoesOn) {
  Page(1000, "a 1\nb 1\n");
  store_.FailCommits(absl::UnavailableError("disk is gone"));
  EXPECT_EQ(Page(2000, "a 2\n").status.message(), "disk is gone");
  store_.FailCommits(absl::OkStatus());
  EXPECT_TRUE(Page(3000, "a 3\n").status.ok());
  EXPECT_EQ(Samples("a"), "1@1000 3@3000");
  EXPECT_EQ(Samples("b"), "1@1000 stale@3000") << "the marker that could not be written";
}

TEST_F(TargetAppenderTest, EndMarksEverythingWithTheTargetsOwnSeries) {
  Page(1000, "a 1\nb 1 700\n");
  appender_.AppendEnd(5000);
  EXPECT_EQ(Samples("a"), "1@1000 stale@5000");
  EXPECT_EQ(Samples("b"), "1@700") << "a timestamp of its own";
  EXPECT_EQ(Samples("up"), "1@1000 stale@5000");
  EXPECT_EQ(Samples("scrape_series_added"), "2@1000 stale@5000");
}

TEST_F(TargetAppenderTest, ForgottenLabelsAreMadeAgain) {
  Page(1000, "a{job=\"y\"} 1\n");
  config_.honor_labels = true;
  appender_.ForgetLabels();
  Page(2000, "a{job=\"y\"} 2\n");
  EXPECT_EQ(Samples("a", {{"exported_job", "y"}}), "1@1000 stale@2000");
  EXPECT_EQ(Text({{"__name__", "a"}, {"job", "y"}}), "2@2000");
}

TEST_F(TargetAppenderTest, BucketBoundsAreNormalized) {
  Page(1000, "# TYPE h histogram\nh_bucket{le=\"1\"} 1\n");
  EXPECT_EQ(Samples("h_bucket", {{"le", "1.0"}}), "1@1000");
}

// A family `h` of a native histogram of schema 3 with one observation in each of `num_buckets`,
// said to be `count`.
std::string NativePage(uint64_t num_buckets, uint64_t count) {
  using testing::BytesField;
  using testing::SignedField;
  using testing::VarintField;
  std::string histogram = VarintField(1, count) + SignedField(5, 3) +
                          BytesField(12, SignedField(1, 1) + VarintField(2, num_buckets));
  for (uint64_t i = 0; i < num_buckets; ++i) histogram += SignedField(13, i == 0 ? 1 : 0);
  std::string page;
  AppendLengthPrefixed(
      BytesField(1, "h") + VarintField(3, 4) + BytesField(4, BytesField(7, histogram)), &page);
  return page;
}

TEST_F(TargetAppenderTest, NativeHistograms) {
  const LabelSet h{{"__name__", "h"}, {"job", "x"}};
  config_.formats.native_histograms = true;
  ASSERT_TRUE(ProtobufPage(1000, NativePage(4, 4)).status.ok());
  ASSERT_TRUE(ProtobufPage(2000, NativePage(5, 5)).status.ok());
  EXPECT_EQ(Samples("scrape_samples_scraped"), "1@1000 1@2000");
  const HistogramColumns histograms = store_.Histograms(h);
  ASSERT_EQ(histograms.size(), 2);
  EXPECT_EQ(histograms[1].count, 5);
  EXPECT_EQ(histograms[1].layout->schema, 3);
  EXPECT_EQ(histograms[1].positive_counts.size(), 5);

  const ScrapeResult bad = ProtobufPage(3000, NativePage(4, 3));
  EXPECT_THAT(std::string(bad.status.message()),
              HasSubstr("4 observations found in buckets, but the Count field is 3"));
  EXPECT_EQ(store_.Histograms(h).size(), 2);
  EXPECT_EQ(Samples("h"), "stale@3000") << "the series ends like any other";
}

TEST_F(TargetAppenderTest, NativeHistogramLimits) {
  struct Case {
    std::string_view name;
    double min_factor;
    size_t bucket_limit;
    int32_t schema;  // of what is stored
  };
  constexpr Case kCases[] = {
      {"no limits", 0, 0, 3},
      {"coarser than asked for", 1.05, 0, 3},
      {"finer than asked for", 1.4, 0, 1},
      {"factor of two", 2, 0, 0},
      {"coarser than there is", 1e300, 0, -4},
      {"a factor that bounds nothing", 0.5, 0, 3},
      {"as many as allowed", 0, 16, 3},
      {"one too many", 0, 15, 2},
      {"few", 0, 2, 0},
      {"both", 1.4, 3, 0},
      {"one bucket", 0, 1, -1},
  };
  TimestampMs t = 0;
  for (const Case& c : kCases) {
    config_.formats.native_histograms = true;
    config_.native_histogram_min_bucket_factor = c.min_factor;
    config_.native_histogram_bucket_limit = c.bucket_limit;
    const ScrapeResult result = ProtobufPage(t += 1000, NativePage(16, 16));
    ASSERT_TRUE(result.status.ok()) << c.name << ": " << result.status;
    const HistogramColumns histograms = store_.Histograms({{"__name__", "h"}, {"job", "x"}});
    ASSERT_FALSE(histograms.empty()) << c.name;
    const HistogramView last = histograms[histograms.size() - 1];
    EXPECT_EQ(last.layout->schema, c.schema) << c.name;
    EXPECT_EQ(last.count, 16) << c.name;
  }
}

TEST_F(TargetAppenderTest, RefusesPagesOverTheBucketLimit) {
  // Buckets far apart stay apart at every resolution.
  using testing::BytesField;
  using testing::SignedField;
  using testing::VarintField;
  const auto span = [](int32_t offset) {
    return BytesField(12, SignedField(1, offset) + VarintField(2, 1));
  };
  std::string page;
  AppendLengthPrefixed(
      BytesField(1, "h") + VarintField(3, 4) +
          BytesField(4, BytesField(7, VarintField(1, 2) + SignedField(5, -4) + span(-20) +
                                          span(30) + SignedField(13, 1) + SignedField(13, 0))),
      &page);
  config_.formats.native_histograms = true;
  config_.native_histogram_bucket_limit = 1;
  const ScrapeResult result = ProtobufPage(1000, page);
  EXPECT_EQ(result.status.message(), "histogram bucket limit exceeded");
  EXPECT_TRUE(store_.Histograms({{"__name__", "h"}, {"job", "x"}}).empty());
  EXPECT_EQ(metrics_.exceeded_bucket_limit.Value(), 1);
  EXPECT_EQ(Samples("scrape_samples_scraped"), "1@1000");
}

}  // namespace
}  // namespace tidemark::scrape
