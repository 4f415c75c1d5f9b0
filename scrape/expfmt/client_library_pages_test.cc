// Pages as client libraries and exporters write them, each with a way of writing of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/labels/label_set.h"
#include "base/model/float_format.h"
#include "base/strings.h"
#include "scrape/expfmt/label_block.h"
#include "scrape/expfmt/page_format.h"

namespace tidemark::scrape {
namespace {

constexpr std::string_view kText = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kOpenMetrics =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

std::string EntryText(const ExpositionEntry& entry, ExpositionParser& parser) {
  if (entry.kind > ExpositionEntry::Kind::kHistogram) {
    const std::string_view keyword = entry.kind == ExpositionEntry::Kind::kHelp   ? "HELP "
                                     : entry.kind == ExpositionEntry::Kind::kType ? "TYPE "
                                                                                  : "UNIT ";
    return StrCat(keyword, entry.family, " ", Unescape(entry.text, entry.escaped));
  }
  ExpositionLabels labels;
  const absl::Status status = parser.Labels(labels);
  if (!status.ok()) return std::string(ToStd(status.message()));
  LabelSetBuilder series;
  for (const auto& [name, value] : labels) series.Set(name, value);
  std::string text = StrCat(series.Build().ToString(), " ", FormatFloat(entry.value));
  if (entry.timestamp) StrAppend(&text, " @", *entry.timestamp);
  for (const auto& exemplar : entry.exemplars) StrAppend(&text, " # ", exemplar.labels);
  return text;
}

struct Case {
  std::string_view name, content_type, page;
  std::vector<std::string> want;  // a line an entry
};

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      {"client_golang: bounds without a fraction, quantiles, escapes",
       kText,
       "# HELP rpc_seconds RPC latency, with a \\\\ and a \\n.\n"
       "# TYPE rpc_seconds histogram\n"
       "rpc_seconds_bucket{le=\"0.005\"} 1\n"
       "rpc_seconds_bucket{le=\"1\"} 2\n"
       "rpc_seconds_bucket{le=\"+Inf\"} 3\n"
       "rpc_seconds_sum 17.5\n"
       "rpc_seconds_count 3\n"
       "# HELP gc_seconds \n"
       "# TYPE gc_seconds summary\n"
       "gc_seconds{quantile=\"0\"} 4.9351e-05\n"
       "gc_seconds{quantile=\"1\"} NaN\n",
       {"HELP rpc_seconds RPC latency, with a \\ and a \n.", "TYPE rpc_seconds histogram",
        "rpc_seconds_bucket{le=\"0.005\"} 1", "rpc_seconds_bucket{le=\"1.0\"} 2",
        "rpc_seconds_bucket{le=\"+Inf\"} 3", "rpc_seconds_sum 17.5", "rpc_seconds_count 3",
        "HELP gc_seconds ", "TYPE gc_seconds summary", "gc_seconds{quantile=\"0.0\"} 0.000049351",
        "gc_seconds{quantile=\"1.0\"} NaN"}},
      {"client_golang: OpenMetrics with exemplars and times of creation",
       kOpenMetrics,
       "# HELP requests Requests so far.\n"
       "# TYPE requests counter\n"
       "requests_total{code=\"200\"} 1027.0 # {traceID=\"4f3b\",span=\"\"} 0.67 1.6e+09\n"
       "requests_created{code=\"200\"} 1.605281325e+09\n"
       "# EOF\n",
       {"HELP requests Requests so far.", "TYPE requests counter",
        "requests_total{code=\"200\"} 1027 # {traceID=\"4f3b\",span=\"\"}",
        "requests_created{code=\"200\"} 1605281325"}},
      {"client_golang: names in UTF-8",
       "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
       "# HELP \"my.metric\" Dots.\n"
       "# TYPE \"my.metric\" gauge\n"
       "{\"my.metric\",\"label.one\"=\"a\",two=\"b\"} 1\n",
       {"HELP my.metric Dots.", "TYPE my.metric gauge",
        "{\"my.metric\", \"label.one\"=\"a\", two=\"b\"} 1"}},
      {"client_python: a family of its own for times of creation",
       kText,
       "# HELP orders_total Orders.\n"
       "# TYPE orders_total counter\n"
       "orders_total{kind=\"sm\\\\a\\\"ll\\n\"} 3.0\n"
       "# HELP orders_created Orders.\n"
       "# TYPE orders_created gauge\n"
       "orders_created{kind=\"sm\\\\a\\\"ll\\n\"} 1.7000000001234567e+09\n",
       {"HELP orders_total Orders.", "TYPE orders_total counter",
        "orders_total{kind=\"sm\\\\a\\\"ll\\n\"} 3", "HELP orders_created Orders.",
        "TYPE orders_created gauge",
        "orders_created{kind=\"sm\\\\a\\\"ll\\n\"} 1700000000.1234567"}},
      {"client_python: OpenMetrics types that others lack",
       kOpenMetrics,
       "# HELP build Build \\\"info\\\".\n"
       "# TYPE build info\n"
       "build_info{version=\"1.2\"} 1.0\n"
       "# TYPE state stateset\n"
       "state{state=\"on\"} 1.0\n"
       "state{state=\"off\"} 0.0\n"
       "# TYPE size_bytes gaugehistogram\n"
       "# UNIT size_bytes bytes\n"
       "size_bytes_bucket{le=\"1.0\"} 2.0\n"
       "size_bytes_bucket{le=\"+Inf\"} 2.0\n"
       "size_bytes_gcount 2.0\n"
       "size_bytes_gsum -1.0\n"
       "# TYPE odd unknown\n"
       "odd 1.0 123.456\n"
       "# EOF\n",
       {"HELP build Build \"info\".", "TYPE build info", "build_info{version=\"1.2\"} 1",
        "TYPE state stateset", "state{state=\"on\"} 1", "state{state=\"off\"} 0",
        "TYPE size_bytes gaugehistogram", "UNIT size_bytes bytes",
        "size_bytes_bucket{le=\"1.0\"} 2", "size_bytes_bucket{le=\"+Inf\"} 2",
        "size_bytes_gcount 2", "size_bytes_gsum -1", "TYPE odd unknown", "odd 1 @123456"}},
      {"client_java: a comma behind the last label, exponents in capitals",
       kText,
       "# HELP jvm_memory_used_bytes The amount of used memory\n"
       "# TYPE jvm_memory_used_bytes gauge\n"
       "jvm_memory_used_bytes{area=\"heap\",id=\"G1 Eden Space\",} 2.7262976E7\n"
       "jvm_memory_used_bytes{area=\"nonheap\",id=\"CodeHeap 'profiled nmethods'\",} 1.5E-4\n"
       "jvm_threads_peak 9.223372036854776E18\n"
       "jvm_gc_live NaN\n"
       "jvm_gc_max +Inf\n",
       {"HELP jvm_memory_used_bytes The amount of used memory", "TYPE jvm_memory_used_bytes gauge",
        "jvm_memory_used_bytes{area=\"heap\", id=\"G1 Eden Space\"} 27262976",
        "jvm_memory_used_bytes{area=\"nonheap\", id=\"CodeHeap 'profiled nmethods'\"} 0.00015",
        "jvm_threads_peak 9223372036854776000", "jvm_gc_live NaN", "jvm_gc_max +Inf"}},
      {"client_java: OpenMetrics with timestamps to the millisecond",
       "application/openmetrics-text; version=1.0.0; charset=utf-8",
       "# TYPE jobs counter\n"
       "jobs_total{queue=\"a\"} 5.0 1672850585.820 # {span_id=\"12\",trace_id=\"34\"} 1.7 "
       "1672850685.829\n"
       "jobs_created{queue=\"a\"} 1672850385.800\n"
       "# EOF\n",
       {"TYPE jobs counter",
        "jobs_total{queue=\"a\"} 5 @1672850585820 # {span_id=\"12\",trace_id=\"34\"}",
        "jobs_created{queue=\"a\"} 1672850385.8"}},
      {"client_rust: help that ends with a dot, integers",
       kOpenMetrics,
       "# HELP http_requests Number of HTTP requests received.\n"
       "# TYPE http_requests counter\n"
       "http_requests_total{method=\"GET\",path=\"/metrics\"} 18446744073709551615\n"
       "# EOF\n",
       {"HELP http_requests Number of HTTP requests received.", "TYPE http_requests counter",
        "http_requests_total{method=\"GET\", path=\"/metrics\"} 18446744073709552000"}},
      {"prometheus-net: an exemplar on a bucket, no sign in exponents",
       kOpenMetrics,
       "# TYPE app_seconds histogram\n"
       "app_seconds_sum 1e5\n"
       "app_seconds_count 1\n"
       "app_seconds_bucket{le=\"1.0\"} 1 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.5 "
       "1668779954.714\n"
       "app_seconds_bucket{le=\"+Inf\"} 1\n"
       "# EOF",
       {"TYPE app_seconds histogram", "app_seconds_sum 100000", "app_seconds_count 1",
        "app_seconds_bucket{le=\"1.0\"} 1 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"}",
        "app_seconds_bucket{le=\"+Inf\"} 1"}},
      {"envoy: types only, a blank line between families",
       "text/plain",
       "# TYPE envoy_rq_time histogram\n"
       "envoy_rq_time_bucket{envoy_cluster_name=\"a\",le=\"0.5\"} 0\n"
       "envoy_rq_time_bucket{envoy_cluster_name=\"a\",le=\"10000\"} 2\n"
       "\n"
       "# TYPE envoy_cx_active gauge\n"
       "envoy_cx_active{} 0\n",
       {"TYPE envoy_rq_time histogram",
        "envoy_rq_time_bucket{envoy_cluster_name=\"a\", le=\"0.5\"} 0",
        "envoy_rq_time_bucket{envoy_cluster_name=\"a\", le=\"10000.0\"} 2",
        "TYPE envoy_cx_active gauge", "envoy_cx_active 0"}},
      {"cAdvisor: timestamps in milliseconds, paths in labels",
       kText,
       "container_last_seen{id=\"/\",image=\"\",name=\"\"} 1.395066363e+09 1395066363000\n"
       "container_cpu_load{id=\"/user.slice\"} 0 1395066363001\n",
       {"container_last_seen{id=\"/\"} 1395066363 @1395066363000",
        "container_cpu_load{id=\"/user.slice\"} 0 @1395066363001"}},
      {"ceph: blanks around the braces, comments among the samples",
       "text/plain;charset=utf-8",
       "\n"
       "# HELP ceph_health_status Cluster health\n"
       "# TYPE ceph_health_status untyped\n"
       "ceph_health_status  0.0\n"
       "# just a remark\n"
       "ceph_mon_quorum {ceph_daemon=\"mon.a\"}\t1.0\n",
       {"HELP ceph_health_status Cluster health", "TYPE ceph_health_status untyped",
        "ceph_health_status 0", "ceph_mon_quorum{ceph_daemon=\"mon.a\"} 1"}},
      {"windows line ends are no text format",
       kText,
       "up 1\r\n",
       {"line 1: invalid float, got \"1\\r\" while parsing \"up 1\\r\""}},
      {"OpenMetrics without its end, such as of a process that died",
       kOpenMetrics,
       "# TYPE a counter\na_total 1\n",
       {"TYPE a counter", "a_total 1",
        "line 3: data does not end with # EOF, got \"\" while parsing \"\""}},
  };
  return *cases;
}

TEST(ClientLibraryPagesTest, AreReadAsMeant) {
  for (const Case& c : Cases()) {
    const auto parser = NewParser(c.page, c.content_type, "", {});
    ASSERT_TRUE(parser.ok()) << c.name;
    std::vector<std::string> read;
    ExpositionEntry entry;
    while ((*parser)->Next(entry)) read.push_back(EntryText(entry, **parser));
    if (!(*parser)->status().ok()) read.emplace_back(ToStd((*parser)->status().message()));
    EXPECT_THAT(read, ::testing::ElementsAreArray(c.want)) << c.name;
  }
}

}  // namespace
}  // namespace tidemark::scrape
